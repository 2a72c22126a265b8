"""Choose the thresholds of a model's labels and of its alarm, each beside the one that is live."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldframe.errors import ColdframeError
from coldframe.manifest import Manifest
from infra.cli.threshold.scored import ScoredRows
from models.forge.threshold.choose import Threshold, choose
from models.forge.threshold.confusion import Confusion
from models.forge.threshold.errors import NoThreshold
from models.forge.threshold.objectives import Objective
from models.forge.threshold.sweep import sweep


class Live(NamedTuple):
    """The threshold that is live, and what becomes of the rows at it."""

    value: float
    at: Confusion


class Chosen(NamedTuple):
    """A threshold, the labels (rows,) and scores (rows,) that it was chosen on, and what it replaces."""

    threshold: Threshold
    labels: NDArray[np.bool_]
    scores: NDArray[np.float64]
    live: Live | None


def names_to_choose(manifest: Manifest, of: str | None) -> tuple[str, ...]:
    """Return whose thresholds are chosen. Raises `ColdframeError` when it can be nobody's."""
    if manifest.verdict:
        raise ColdframeError(
            f"{manifest.name} says the likelier of two labels, and has no threshold to choose: take `verdict`"
            " out of its model.toml and publish it first."
        )
    able = (*manifest.labels, *([manifest.alarm["name"]] if manifest.alarm else []))
    if of is not None and of not in able:
        raise ColdframeError(f"{manifest.name} cannot have a threshold of {of}: take {', '.join(able)}.")
    return (of,) if of else tuple(manifest.thresholds) or able


def choose_one(name: str, rows: ScoredRows, manifest: Manifest, wanted: Objective) -> Chosen:
    """Choose the threshold of a label or of the alarm. Raises `ColdframeError`, naming the fix."""
    labels, scores = rows.positive(name, manifest), rows.scores[name]
    try:
        threshold = choose(name, labels, scores, wanted)
    except NoThreshold as error:
        raise NoThreshold(f"{name}: {error}") from error
    if name not in manifest.thresholds:
        return Chosen(threshold, labels, scores, None)
    value = float(manifest.thresholds[name]["value"])
    return Chosen(threshold, labels, scores, Live(value, sweep(labels, scores).at(value)))
