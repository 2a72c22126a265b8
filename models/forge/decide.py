"""What the runtime would say of rows, from their probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coldframe.decisions import SCORE_DIGITS, Labelling
from coldframe.manifest import Manifest
from models.forge.rows import Rows
from models.forge.threshold.choose import Threshold, choose
from models.forge.threshold.objectives import Objective

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Decided:
    """probabilities (rows, labels); predicted (rows,), places of labels; reached, by name: bool (rows,)."""

    probabilities: Floats
    predicted: NDArray[np.int64]
    reached: Mapping[str, NDArray[np.bool_]]

    def take(self, places: NDArray[np.int64]) -> "Decided":
        """The rows at these places."""
        reached = {name: flags[places] for name, flags in self.reached.items()}
        return Decided(self.probabilities[places], self.predicted[places], reached)


def score_of(name: str, manifest: Manifest, probabilities: Floats) -> Floats:
    """The score (rows,) of a label or the alarm, as an answer shows it."""
    inside = probabilities[:, _inside(name, manifest)]
    # In plain floats: numpy rounds some numbers, and sums many, otherwise.
    return np.array([round(sum(row), SCORE_DIGITS) for row in inside.tolist()])


def choose_thresholds(
    rows: Rows, probabilities: Floats, manifest: Manifest, objectives: Mapping[str, Objective]
) -> dict[str, tuple[Threshold, NDArray[np.bool_], Floats]]:
    """By name: the threshold, and the labels and scores that it was chosen on.

    Raises `NoThreshold` where the rows give none.
    """
    chosen = {}
    for name, objective in objectives.items():
        known, inside = rows.known(np.array(_inside(name, manifest)))
        labels, scores = inside[known], score_of(name, manifest, probabilities)[known]
        chosen[name] = choose(name, labels, scores, objective), labels, scores
    return chosen


def decide(probabilities: Floats, manifest: Manifest, values: Mapping[str, float]) -> Decided:
    """Decide as a version with this manifest and these thresholds does."""
    thresholds = {name: {"value": value} for name, value in values.items()}
    labelling = Labelling(replace(manifest, thresholds=thresholds))
    places = {label: place for place, label in enumerate(manifest.labels)}
    predicted = [places[labelling.row(scores)[0][-1]] for scores in probabilities.tolist()]
    reached = {name: score_of(name, manifest, probabilities) >= value for name, value in values.items()}
    return Decided(probabilities, np.array(predicted, np.int64), reached)


def joined(parts: Sequence[tuple[NDArray[np.int64], Decided]]) -> Decided:
    """Put what was decided of some rows each, at these places, in the rows' order."""
    order = np.argsort(np.concatenate([places for places, _ in parts]))
    decided = [part for _, part in parts]
    reached = decided[0].reached
    return Decided(
        np.concatenate([part.probabilities for part in decided])[order],
        np.concatenate([part.predicted for part in decided])[order],
        {name: np.concatenate([part.reached[name] for part in decided])[order] for name in reached},
    )


def _inside(name: str, manifest: Manifest) -> list[bool]:
    labels = manifest.alarm["labels"] if manifest.alarm and name == manifest.alarm["name"] else (name,)
    return [label in labels for label in manifest.labels]
