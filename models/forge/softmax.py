"""Fit a linear softmax to hashed n-grams, where some sources tell only some of the labels apart."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

from coldframe import ngrams
from models.forge.rows import Rows

ITERATIONS_MAX_COUNT = 60  # accuracy out of fold is flat from here on
_NEVER = -1e30


class Linear(NamedTuple):
    """weights: (buckets, labels - 1) and bias: (labels - 1,), float64; the last label's logit is always 0."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def logits(self, features: sp.csr_array) -> NDArray[np.float64]:
        """(rows, labels - 1)."""
        return np.asarray(features @ self.weights) + self.bias


def count_windows(texts: list[str], buckets: int) -> sp.csr_array:
    """(texts, buckets): how often a text's windows fall into a bucket, over the square root of its places."""
    codes, marks = ngrams.encode(texts)
    hashed = ngrams.buckets(codes, buckets)
    stretches = [hashed[:, begin:end].ravel() for begin, end in zip(marks[::2], marks[1::2], strict=True)]
    lengths = [len(stretch) for stretch in stretches]
    values = np.repeat(1 / np.sqrt(marks[1::2] - marks[::2]), lengths)
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)  # scipy then keeps places in 32 bits
    counts = sp.csr_array(
        (values, np.concatenate(stretches, dtype=np.int32, casting="unsafe"), indptr),
        shape=(len(texts), buckets),
    )
    counts.sum_duplicates()
    return counts


def fit(
    features: sp.csr_array, rows: Rows, row_weights: NDArray[np.float64], scale: NDArray[np.float64]
) -> Linear:
    """The weights with the largest likelihood, less half the square of each over its `scale` (L2).

    features (rows, buckets), row_weights (rows,), scale (buckets, labels - 1). A row's likelihood is that of
    its label among the labels that its source tells apart, so rows that are known only as positive or
    negative say nothing of neutral. The last axis of scale goes along the columns of `contrasts`.
    """
    basis = contrasts(len(rows.labels))
    objective = _Objective(features, rows, row_weights, scale, basis)
    start = np.zeros(scale.size + scale.shape[1])
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS_MAX_COUNT, "ftol": 1e-7}
    )
    weights, bias = objective.split(found.x)
    against_last = (basis[:-1] - basis[-1]).T
    return Linear(weights @ against_last, bias @ against_last)


def contrasts(labels: int) -> NDArray[np.float64]:
    """An orthonormal basis, (labels, labels - 1), of the differences between labels (Helmert's).

    The first column sets the first label against the last, which are the poles where labels have an order;
    each other column sets one more label against those before it. A softmax does not change when all its
    logits rise together; without that direction there is less to fit, and an L2 penalty still treats all
    labels alike.
    """
    order = [0, labels - 1, *range(1, labels - 1)]
    basis = np.zeros((labels, labels - 1))
    for column in range(labels - 1):
        basis[order[: column + 1], column] = 1.0
        basis[order[column + 1], column] = -(column + 1.0)
        basis[:, column] /= np.sqrt((column + 1) * (column + 2))
    return basis


class _Objective:
    """The penalised negative log-likelihood and its gradient, for scipy."""

    def __init__(
        self,
        features: sp.csr_array,
        rows: Rows,
        row_weights: NDArray[np.float64],
        scale: NDArray[np.float64],
        basis: NDArray[np.float64],
    ) -> None:
        self._features = features.astype(np.float32)  # half the memory traffic, which is where the time goes
        self._transposed = self._features.T.tocsr()
        self._row_weights = row_weights[:, np.newaxis]
        self._scale = scale
        self._basis = basis
        self._against_last = (basis[:-1] - basis[-1]).T
        self._impossible = only_candidates(rows)
        self._targets = np.eye(len(rows.labels))[rows.targets]

    def split(self, point: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weights (buckets, labels - 1) and bias (labels - 1,), by contrast, at a point of the search."""
        size = self._scale.size
        return self._scale * point[:size].reshape(self._scale.shape), point[size:]

    def __call__(self, point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, bias = self.split(point)
        scores = np.asarray(self._features @ weights.astype(np.float32), np.float64) + bias
        log_p = log_softmax(scores @ self._against_last, self._impossible)
        errors = self._row_weights * (np.exp(log_p) - self._targets) @ self._basis
        unscaled = point[: self._scale.size]
        slope = self._scale * np.asarray(self._transposed @ errors.astype(np.float32), np.float64)
        loss = -(self._row_weights * self._targets * log_p).sum() + unscaled @ unscaled / 2
        return float(loss), np.concatenate([slope.ravel() + unscaled, errors.sum(axis=0)])


def log_softmax(logits: NDArray[np.float64], added: NDArray[np.float64] | float = 0.0) -> NDArray[np.float64]:
    """The logarithm of each row's softmax, (rows, labels); the last logit is 0, and `added` goes on top."""
    full = np.pad(logits, ((0, 0), (0, 1))) + added
    full -= full.max(axis=1, keepdims=True)
    return np.asarray(full - np.log(np.exp(full).sum(axis=1, keepdims=True)))


def only_candidates(rows: Rows) -> NDArray[np.float64]:
    """What added to logits, (rows, labels), leaves a row the labels that its source tells apart."""
    return np.where(rows.candidates, 0.0, _NEVER)
