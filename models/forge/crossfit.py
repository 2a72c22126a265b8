"""Answers to every row by a model that has not seen it, and by a calibration and thresholds that have not."""

from collections.abc import Callable
from itertools import combinations
from typing import Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.forge.folds import FOLDS
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


def out_of_two_folds(features: sp.csr_array, folds: Places, fit_on: FitOn, progress: Progress) -> Logits:
    """Logits (FOLDS, rows, labels - 1): for each fold, the other rows' by models that saw neither.

    A model fitted without folds a and b serves a on the rows of b, and b on those of a: what is fitted to
    them (a calibration, thresholds) can be measured on the fold as if both were new.
    """
    inner: list[Logits] = []
    for done, (one, other) in enumerate(PAIRS, start=1):
        found = fit_on(np.flatnonzero((folds != one) & (folds != other))).logits(features)
        inner = inner or list(np.zeros((FOLDS, *found.shape)))
        inner[one][folds == other] = found[folds == other]
        inner[other][folds == one] = found[folds == one]
        progress("calibration", done, len(PAIRS))
    return np.stack(inner)
