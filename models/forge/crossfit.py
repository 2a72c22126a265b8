"""Answers to every row by a model that has not seen it, calibrated on rows that it has not seen either."""

from collections.abc import Callable
from itertools import combinations
from typing import Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.forge.calibrate import calibrate
from models.forge.folds import FOLDS
from models.forge.rows import Rows
from models.forge.softmax import Linear

Places = NDArray[np.int64]
Logits = NDArray[np.float64]
FitOn = Callable[[Places], Linear]
PAIRS = list(combinations(range(FOLDS), 2))


class Progress(Protocol):
    """Told of each step of a training run: its name, how many are done, how many there are."""

    def __call__(self, step: str, done: int, total: int, /) -> None: ...


def out_of_fold(features: sp.csr_array, folds: Places, fit_on: FitOn, progress: Progress) -> Logits:
    """Logits (rows, labels - 1): each fold's by a model fitted on the other folds."""
    logits: list[Logits] = []
    for fold in range(FOLDS):
        logits.append(fit_on(np.flatnonzero(folds != fold)).logits(features))
        progress("folds", fold + 1, FOLDS)
    return np.stack(logits)[folds, np.arange(len(folds))]


def nested_probabilities(
    features: sp.csr_array,
    rows: Rows,
    row_weights: NDArray[np.float64],
    folds: Places,
    logits: Logits,
    fit_on: FitOn,
    progress: Progress,
) -> NDArray[np.float64]:
    """Probabilities (rows, labels) for the logits of `out_of_fold`.

    Each fold is calibrated on the rows of the other folds, by models that saw neither: a model fitted without
    folds a and b calibrates a on the rows of b, and b on those of a.
    """
    inner = np.zeros((FOLDS, *logits.shape))
    for done, (one, other) in enumerate(PAIRS, start=1):
        found = fit_on(np.flatnonzero((folds != one) & (folds != other))).logits(features)
        inner[one, folds == other] = found[folds == other]
        inner[other, folds == one] = found[folds == one]
        progress("calibration", done, len(PAIRS))
    probabilities = np.empty((len(folds), len(rows.labels)))
    for fold in range(FOLDS):
        rest, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        fitted = calibrate(inner[fold, rest], rows.take(rest), row_weights[rest])
        probabilities[held] = fitted.probabilities(logits[held])
    return probabilities
