"""Choose a threshold by an objective, and say all that is to be known of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.forge.threshold.bootstrap import CONFIDENCE, RESAMPLES, best, interval
from models.forge.threshold.confusion import Confusion
from models.forge.threshold.errors import NoThreshold
from models.forge.threshold.objectives import LeastCost, Objective, as_dict
from models.forge.threshold.sweep import Floats, Sweep, sweep

HALF = 0.5
GRID = tuple(round(0.05 * step, 2) for step in range(1, 20))


@dataclass(frozen=True)
class Threshold:
    """The score from which a row is flagged, and what becomes of the rows that it was chosen on.

    `name` is what a flagged row is. `interval` is where the value lies in 95% of the resamples. `table` has
    what becomes of the rows at the thresholds of GRID.
    """

    name: str
    value: float
    objective: Objective
    interval: tuple[float, float]
    at_value: Confusion
    at_half: Confusion
    table: Mapping[float, Confusion]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON has it: what a manifest holds."""
        low, high = self.interval
        return {
            "name": self.name,
            "value": self.value,
            "objective": as_dict(self.objective),
            "interval": {"low": low, "high": high, "confidence": CONFIDENCE, "resamples": RESAMPLES},
            "rows": self.at_value.rows,
            "positives": self.at_value.positives,
            "at_value": self._of(self.at_value),
            "at_0.50": self._of(self.at_half),
            "table": [
                {"threshold": value, "misses": at.false_negative, "false_alarms": at.false_positive}
                | at.figures()
                for value, at in self.table.items()
            ],
        }

    def _of(self, at: Confusion) -> dict[str, Any]:
        return {"confusion": at.named(self.name), **at.figures()}


def choose(name: str, labels: NDArray[np.bool_], scores: Floats, objective: Objective) -> Threshold:
    """Choose the threshold of `name` on labels (rows,), true where a row is one, and scores (rows,), 0 to 1.

    A row is flagged when its score is at least the value. Every distinct score is tried; of equally good
    thresholds the lowest is taken, which misses fewest. The same rows in any order give the same answer.
    Raises `NoThreshold`, naming the fix, for rows that give none, and where flagging no row costs less than
    any threshold.
    """
    swept = sweep(labels, scores)
    place = int(best(objective.merit(swept.counts)))
    if isinstance(objective, LeastCost):
        _check_worth(objective, swept, place)
    value = swept.value(place)
    return Threshold(
        name=name,
        value=value,
        objective=objective,
        interval=interval(swept, objective, value),
        at_value=swept.at(value),
        at_half=swept.at(HALF),
        table={at: swept.at(at) for at in GRID},
    )


def _check_worth(objective: LeastCost, swept: Sweep, place: int) -> None:
    least, none = objective.cost(swept.counts)[place], objective.miss * swept.counts.positives
    if none < least:
        raise NoThreshold(
            f"Flagging no row at all costs {none:g}, the best threshold {least:g}: a miss is too cheap"
            f" ({objective.miss:g}) against a false alarm ({objective.false_alarm:g}) for these scores. See"
            " that the two are not exchanged, or raise the cost of a miss."
        )
