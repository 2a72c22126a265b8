"""Figures of a classifier: F1, expected calibration error."""

import numpy as np
from numpy.typing import NDArray

ECE_BINS = 15


def label_f1(
    targets: NDArray[np.int64], predicted: NDArray[np.int64], labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    """F1 of each of the labels: 2 * hits / (rows of the label + predictions of it)."""
    return np.array([f1(targets == label, predicted == label) for label in labels])


def f1(truth: NDArray[np.bool_], flagged: NDArray[np.bool_]) -> float:
    """F1 of flags (rows,) against what is so; 0 where there is neither."""
    return float(2 * (truth & flagged).sum() / max(truth.sum() + flagged.sum(), 1))


def expected_calibration_error(targets: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """ECE: ECE_BINS bins of equal width of the top probability (Guo et al. 2017, arXiv:1706.04599)."""
    return binary_ece(probabilities.argmax(axis=1) == targets, probabilities.max(axis=1))


def binary_ece(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """The same of scores (rows,) for what is so or is not."""
    bins = np.minimum((scores * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = np.bincount(bins, weights=scores - truth, minlength=ECE_BINS)
    return float(np.abs(gaps).sum() / len(truth))
