"""Every threshold that tells rows apart, with what it flags: one sort, then running sums."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.forge.threshold.confusion import Confusion
from models.forge.threshold.errors import NoThreshold

CLASS_MIN_ROWS = 20  # of either kind: below it a figure means nothing
DECIMALS_MIN_COUNT, DECIMALS_MAX_COUNT = 2, 17

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Counts(NamedTuple):
    """Rows that each threshold flags, positive ones and others, of how many there are of either."""

    found: Ints
    false_alarms: Ints
    positives: int
    negatives: int

    @property
    def missed(self) -> Ints:
        """Positive rows that are not flagged."""
        return self.positives - self.found


@dataclass(frozen=True)
class Sweep:
    """Distinct scores, (distinct,), highest first, and the counts when each of them is the lowest flagged."""

    scores: Floats
    counts: Counts

    def at(self, value: float) -> Confusion:
        """Return what becomes of the rows when those with a score of at least `value` are flagged."""
        distinct = len(self.scores) - int(np.searchsorted(self.scores[::-1], value))
        found = int(self.counts.found[distinct - 1]) if distinct else 0
        false_alarms = int(self.counts.false_alarms[distinct - 1]) if distinct else 0
        positives, negatives = self.counts.positives, self.counts.negatives
        return Confusion(found, positives - found, false_alarms, negatives - false_alarms)

    def value(self, place: int) -> float:
        """Return a short decimal that flags the scores up to this place, and none below.

        The middle of the gap to the next lower score, with as few decimals as keep it in the gap, but at
        least two. Where the two scores touch, so that no such decimal lies between them, it is the upper
        score itself. Below the lowest score there is no gap: it is that score, rounded down where it can be.
        """
        upper = float(self.scores[place])
        lower = float(self.scores[place + 1]) if place + 1 < len(self.scores) else -np.inf
        middle = (upper + lower) / 2 if np.isfinite(lower) else upper
        for decimals in range(DECIMALS_MIN_COUNT, DECIMALS_MAX_COUNT + 1):
            for value in (round(middle, decimals), round(upper, decimals)):
                if lower < value <= upper:
                    return value
        return upper


def sweep(labels: NDArray[np.bool_], scores: Floats) -> Sweep:
    """Sweep over labels (rows,), true where a row is positive, and scores (rows,), from 0 to 1.

    Rows of equal score are flagged together. Raises `NoThreshold` for lengths that differ, for scores that
    are no probabilities, and for fewer than CLASS_MIN_ROWS rows of either kind.
    """
    _check(labels, scores)
    order = np.argsort(scores)[::-1]
    ordered = scores[order]
    last = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)
    found = np.cumsum(labels[order], dtype=np.int64)[last]
    positives = int(found[-1])
    return Sweep(ordered[last], Counts(found, last + 1 - found, positives, len(labels) - positives))


def _check(labels: NDArray[np.bool_], scores: Floats) -> None:
    if labels.ndim != 1 or labels.shape != scores.shape:
        raise NoThreshold(f"{labels.shape} labels and {scores.shape} scores: give one score for each label.")
    wrong = np.flatnonzero(~((scores >= 0) & (scores <= 1)))
    if len(wrong):
        raise NoThreshold(
            f"The score of row {wrong[0] + 1:,} is {scores[wrong[0]]}: scores must be numbers from 0 to 1;"
            " leave out rows without one."
        )
    positives = int(labels.sum())
    for count, what in ((positives, "positive"), (len(labels) - positives, "negative")):
        if count < CLASS_MIN_ROWS:
            raise NoThreshold(
                f"{count} of the {len(labels):,} rows are {what}: a threshold needs at least"
                f" {CLASS_MIN_ROWS} of either kind; label {CLASS_MIN_ROWS - count} more that are {what}."
            )
