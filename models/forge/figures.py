"""The figures of a model on each of its sources, as the manifest and the card state them."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from models.forge.calibrate import among
from models.forge.decide import Decided
from models.forge.metrics import binary_ece, expected_calibration_error, f1, label_f1
from models.forge.rows import Rows

SPLIT = "5-fold cross-validation, stratified, calibrated and thresholds chosen inside the training folds"
OWN_ROWS = "the trainer's own rows"


class Figure(NamedTuple):
    """One measured number: of what, on which rows, and under which terms those may be used."""

    metric: str
    value: float
    dataset: str
    rows: int
    split: str
    terms: str


def figures(
    rows: Rows, decided: Decided, alarm: str | None, names: Collection[str], terms: Mapping[str, str]
) -> list[Figure]:
    """Those on each of the sources that `names` has, from what was decided of rows out of fold."""
    found = []
    for name in rows.source_names:
        if name in names:
            chosen = np.flatnonzero(rows.sources == rows.source_names.index(name))
            of_source = _of_source(rows.take(chosen), decided.take(chosen), alarm)
            found += [
                Figure(metric, round(value, 4), name, len(chosen), SPLIT, terms.get(name, OWN_ROWS))
                for metric, value in of_source
            ]
    return found


def _of_source(rows: Rows, decided: Decided, alarm: str | None) -> Iterator[tuple[str, float]]:
    if (rows.members.sum(axis=1) == 1).all():
        yield from _of_labels(rows, decided)
    if alarm is not None and rows.alarm is not None:
        known, inside = rows.known(rows.alarm)
        raised = decided.reached[alarm]
        if known.all():
            yield f"{alarm} f1", f1(inside, raised)
            yield f"{alarm} macro_f1", (f1(inside, raised) + f1(~inside, ~raised)) / 2
            yield f"{alarm} ece_15_bins", binary_ece(inside, decided.probabilities[:, rows.alarm].sum(axis=1))
    for place, label in enumerate(rows.labels):
        known, inside = rows.known(np.arange(len(rows.labels)) == place)
        if label in decided.reached and known.all() and inside.any():
            flagged = decided.reached[label]
            yield f"{label} recall", float((inside & flagged).sum() / inside.sum())
            yield f"{label} precision", float((inside & flagged).sum() / max(flagged.sum(), 1))


def _of_labels(rows: Rows, decided: Decided) -> Iterator[tuple[str, float]]:
    told_apart = among(rows, decided.probabilities)
    # What a source does not tell apart cannot be right or wrong there.
    predicted = decided.predicted if rows.candidates.all() else told_apart.argmax(axis=1)
    places = np.flatnonzero(rows.candidates[0])
    by_label = label_f1(rows.targets, predicted, places)
    sizes = np.array([(rows.targets == place).sum() for place in places])
    yield "accuracy", float((predicted == rows.targets).mean())
    yield "macro_f1", float(by_label.mean())
    yield "weighted_f1", float(np.average(by_label, weights=sizes))
    yield "ece_15_bins", expected_calibration_error(rows.targets, told_apart)
