"""Fit a linear softmax to hashed n-grams, where some rows are known only as one of several labels."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

from coldframe import ngrams
from coldframe.linear import Features
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


def count_windows(texts: list[str], features: Features, buckets: int) -> sp.csr_array:
    """(texts, buckets): how often a text's windows fall into a bucket, over the square root of its places."""
    batches = features(texts)
    places = np.add.reduce([batch.marks[1::2] - batch.marks[::2] for batch in batches])
    counted = _counts(batches[0], buckets)
    for batch in batches[1:]:
        counted = counted + _counts(batch, buckets)
    counted.data *= np.repeat(1 / np.sqrt(places), np.diff(counted.indptr))
    return counted


def _counts(batch: ngrams.Batch, buckets: int) -> sp.csr_array:
    """(texts, buckets): how often a text's windows of this batch fall into a bucket."""
    hashed = ngrams.buckets(batch.codes, batch.orders, buckets)
    begins, ends = batch.marks[::2], batch.marks[1::2]
    stretches = [hashed[:, begin:end].ravel() for begin, end in zip(begins, ends, strict=True)]
    indptr = np.concatenate([[0], np.cumsum(list(map(len, stretches)))]).astype(np.int32)  # 32 bits will do
    found = np.concatenate(stretches, dtype=np.int32, casting="unsafe")
    counts = sp.csr_array((np.ones(len(found)), found, indptr), shape=(len(stretches), buckets))
    counts.sum_duplicates()
    return counts


def fit(
    features: sp.csr_array,
    rows: Rows,
    row_weights: NDArray[np.float64],
    scale: NDArray[np.float64],
    basis: NDArray[np.float64],
) -> Linear:
    """The weights with the largest likelihood, less half the square of each over its `scale` (L2).

    features (rows, buckets), row_weights (rows,), scale (buckets, labels - 1), whose columns are those of
    `basis`, as `contrasts` makes it. A row's likelihood is that of the labels that it may have among those
    that its source tells apart, so rows that are known only as positive or negative say nothing of neutral.
    """
    objective = _Objective(features, rows, row_weights, scale, basis)
    start = np.zeros(scale.size + scale.shape[1])
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS_MAX_COUNT, "ftol": 1e-7}
    )
    weights, bias = objective.split(found.x)
    against_last = (basis[:-1] - basis[-1]).T
    return Linear(weights @ against_last, bias @ against_last)


def contrasts(sides: NDArray[np.float64]) -> NDArray[np.float64]:
    """An orthonormal basis, (labels, labels - 1), of the differences between labels.

    sides: (labels, contrasts), independent columns of which each sets the labels above 0 against those below.
    They are made orthogonal in their order (Gram and Schmidt). A softmax does not change when all its logits
    rise together; without that direction there is less to fit, and a penalty still treats all labels alike.
    """
    centred = sides - sides.mean(axis=0)
    basis, upper = np.linalg.qr(centred)
    return np.asarray(basis * np.sign(np.diag(upper)))


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
        self._row_weights = row_weights
        self._scale = scale
        self._basis = basis
        self._against_last = (basis[:-1] - basis[-1]).T
        self._among = only(rows.candidates)
        self._meant = only(rows.members)

    def split(self, point: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weights (buckets, labels - 1) and bias (labels - 1,), by contrast, at a point of the search."""
        size = self._scale.size
        return self._scale * point[:size].reshape(self._scale.shape), point[size:]

    def __call__(self, point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, bias = self.split(point)
        scores = np.asarray(self._features @ weights.astype(np.float32), np.float64) + bias
        logits = scores @ self._against_last
        log_p, log_likelihood = among_and_meant(logits, self._among, self._meant)
        meant = log_softmax(logits, self._meant)
        errors = self._row_weights[:, np.newaxis] * (np.exp(log_p) - np.exp(meant)) @ self._basis
        unscaled = point[: self._scale.size]
        slope = self._scale * np.asarray(self._transposed @ errors.astype(np.float32), np.float64)
        loss = -(self._row_weights @ log_likelihood) + unscaled @ unscaled / 2
        return float(loss), np.concatenate([slope.ravel() + unscaled, errors.sum(axis=0)])


def among_and_meant(
    logits: NDArray[np.float64], among: NDArray[np.float64], meant: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The log probabilities (rows, labels) among the candidates, and of what a row is known as (rows,)."""
    log_p = log_softmax(logits, among)
    return log_p, np.logaddexp.reduce(log_p + meant, axis=1)


def log_softmax(logits: NDArray[np.float64], added: NDArray[np.float64] | float = 0.0) -> NDArray[np.float64]:
    """The logarithm of each row's softmax, (rows, labels); the last logit is 0, and `added` goes on top."""
    full = np.pad(logits, ((0, 0), (0, 1))) + added
    full -= full.max(axis=1, keepdims=True)
    return np.asarray(full - np.log(np.exp(full).sum(axis=1, keepdims=True)))


def only(labels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What added to logits, (rows, labels), leaves a row these labels."""
    return np.where(labels, 0.0, _NEVER)
