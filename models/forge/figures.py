"""The figures of a model on each of its sources, as the manifest and the card state them."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.forge.metrics import accuracy, expected_calibration_error, macro_f1
from models.forge.rows import Rows

SPLIT = "5-fold cross-validation, stratified, calibrated inside the training folds"
OWN_ROWS = "the trainer's own rows"
_METRICS = {"accuracy": accuracy, "macro_f1": macro_f1, "ece_15_bins": expected_calibration_error}


class Figure(NamedTuple):
    """One measured number: of what, on which rows, and under which terms those may be used."""

    metric: str
    value: float
    dataset: str
    rows: int
    split: str
    terms: str


def figures(
    rows: Rows, probabilities: NDArray[np.float64], names: Collection[str], terms: Mapping[str, str]
) -> list[Figure]:
    """Those on each of the sources that `names` has, from probabilities (rows, labels) out of fold."""
    measured = [name for name in rows.source_names if name in names]
    return [figure for name in measured for figure in _of_source(rows, probabilities, name, terms)]


def _of_source(
    rows: Rows, probabilities: NDArray[np.float64], name: str, terms: Mapping[str, str]
) -> Iterator[Figure]:
    chosen = rows.sources == rows.source_names.index(name)
    among = np.flatnonzero(rows.candidates[chosen][0])
    targets = np.searchsorted(among, rows.targets[chosen])
    told_apart = probabilities[np.ix_(chosen, among)]
    told_apart /= told_apart.sum(axis=1, keepdims=True)
    for metric, measure in _METRICS.items():
        value = round(measure(targets, told_apart), 4)
        yield Figure(metric, value, name, len(targets), SPLIT, terms.get(name, OWN_ROWS))
