"""Figures of a classifier: accuracy, macro F1, expected calibration error."""

import numpy as np
from numpy.typing import NDArray

ECE_BINS = 15


def accuracy(targets: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """The share of rows whose largest probability is the target's."""
    return float((probabilities.argmax(axis=1) == targets).mean())


def macro_f1(targets: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """F1 of each label, averaged: 2 * hits / (rows of the label + predictions of it)."""
    labels = range(probabilities.shape[1])
    predicted = probabilities.argmax(axis=1)
    hits = np.array([((targets == label) & (predicted == label)).sum() for label in labels])
    sizes = np.array([(targets == label).sum() + (predicted == label).sum() for label in labels])
    return float((2 * hits / np.maximum(sizes, 1)).mean())


def expected_calibration_error(targets: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """ECE: ECE_BINS bins of equal width of the top probability (Guo et al. 2017, arXiv:1706.04599)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == targets
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = np.bincount(bins, weights=confidence - right, minlength=ECE_BINS)
    return float(np.abs(gaps).sum() / len(targets))
