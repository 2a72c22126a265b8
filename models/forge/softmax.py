"""Fit a linear softmax to hashed n-grams, where some rows are known only as one of several labels."""

from collections.abc import Sequence
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


def contrasts(labels: int, alarm: Sequence[int] = ()) -> NDArray[np.float64]:
    """An orthonormal basis, (labels, labels - 1), of the differences between labels (Helmert's).

    The labels at the places of the alarm are set against the others first, then apart on either side. Without
    an alarm the first label is set against the last, which are the poles where labels have an order; each
    further column sets one more label against those before it. A softmax does not change when all its logits
    rise together; without that direction there is less to fit, and a penalty still treats all labels alike.
    """
    if not alarm:
        columns = _one_by_one([0, labels - 1, *range(1, labels - 1)], labels)
    else:
        others = [place for place in range(labels) if place not in alarm]
        first = np.zeros(labels)
        first[list(alarm)], first[others] = len(others), -len(alarm)
        columns = [first, *_one_by_one(alarm, labels), *_one_by_one(others, labels)]
    return np.stack([column / np.sqrt((column**2).sum()) for column in columns], axis=1)


def _one_by_one(order: Sequence[int], labels: int) -> list[NDArray[np.float64]]:
    """Each place after the first, against those before it."""
    columns = []
    for count in range(1, len(order)):
        column = np.zeros(labels)
        column[list(order[:count])], column[order[count]] = 1.0, -count
        columns.append(column)
    return columns


def penalty_scale(
    features: sp.csr_array, rows: Rows, basis: NDArray[np.float64], freedom: Sequence[tuple[float, float]]
) -> NDArray[np.float64]:
    """How freely each bucket's weights may grow, (buckets, labels - 1).

    By inverse document frequency; and along each contrast of the basis by its `freedom`: so much for all
    buckets, and so much more as the bucket's rows lean to one side (the log-count ratio of Wang and Manning
    2012, "Baselines and Bigrams", ACL).
    """
    present = features.astype(bool).astype(np.float64)
    rarity = np.log((1 + len(rows.texts)) / (1 + present.sum(axis=0)))
    scales = []
    for contrast, (for_all, by_ratio) in zip(basis.T, freedom, strict=True):
        one, other = (1 + present[_on_side(rows, side > 0)].sum(axis=0) for side in (contrast, -contrast))
        ratio = np.abs(np.log(one / one.sum()) - np.log(other / other.sum()))
        scales.append((for_all + by_ratio * ratio) * rarity)
    return np.stack(scales, axis=1)


def _on_side(rows: Rows, labels: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The rows whose label is one of these, whichever of them it is."""
    return np.flatnonzero(~(rows.members & ~labels).any(axis=1))


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
