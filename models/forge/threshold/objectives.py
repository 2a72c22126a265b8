"""What a threshold is chosen for: each objective rates every threshold, the higher the better."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Protocol

import numpy as np

from models.forge.threshold.errors import NoThreshold
from models.forge.threshold.sweep import Counts, Floats


class Objective(Protocol):
    """`name` as the command takes it; `axis` says what `curve` gives."""

    name: ClassVar[str]
    axis: ClassVar[str]

    def merit(self, counts: Counts) -> Floats:
        """Rate thresholds, the shape of the counts; -inf where one is not allowed."""
        ...

    def curve(self, counts: Counts) -> Floats:
        """Give what a picture shows of each threshold: the rating in its own unit, NaN where not allowed."""
        ...

    def words(self) -> str:
        """Say the objective in words."""
        ...


@dataclass(frozen=True)
class BestF1:
    """The best harmonic mean of precision and recall."""

    name: ClassVar[str] = "best-f1"
    axis: ClassVar[str] = "F1"

    def merit(self, counts: Counts) -> Floats:
        return _f_beta(counts, 1.0)

    curve = merit

    def words(self) -> str:
        return "best F1"


@dataclass(frozen=True)
class BestFBeta:
    """The best F-beta: recall weighs `beta` times as much as precision (van Rijsbergen 1979)."""

    beta: float
    name: ClassVar[str] = "best-fbeta"
    axis: ClassVar[str] = "F-beta"

    def __post_init__(self) -> None:
        _check_above_zero(self)

    def merit(self, counts: Counts) -> Floats:
        return _f_beta(counts, self.beta)

    curve = merit

    def words(self) -> str:
        return f"best F-beta, recall weighing {self.beta:g} times as much as precision"


@dataclass(frozen=True)
class LeastCost:
    """The least cost, where a miss and a false alarm cost so much, in any unit."""

    miss: float
    false_alarm: float
    name: ClassVar[str] = "least-cost"
    axis: ClassVar[str] = "cost per 1,000 rows"

    def __post_init__(self) -> None:
        _check_above_zero(self)

    def cost(self, counts: Counts) -> Floats:
        """Cost of all rows."""
        return self.miss * counts.missed + self.false_alarm * counts.false_alarms

    def merit(self, counts: Counts) -> Floats:
        return -self.cost(counts)

    def curve(self, counts: Counts) -> Floats:
        return 1000 * self.cost(counts) / (counts.positives + counts.negatives)

    def words(self) -> str:
        return f"least cost, a miss costing {self.miss:g} and a false alarm {self.false_alarm:g}"


@dataclass(frozen=True)
class PrecisionAtRecall:
    """The best precision among the thresholds whose recall is at least `recall`."""

    recall: float
    name: ClassVar[str] = "precision-at-recall"
    axis: ClassVar[str] = "precision, where recall is enough"

    def __post_init__(self) -> None:
        if not 0 < self.recall <= 1:
            raise NoThreshold(f"A recall of {self.recall} cannot be asked for: give one above 0, up to 1.")

    def merit(self, counts: Counts) -> Floats:
        precision = counts.found / np.maximum(counts.found + counts.false_alarms, 1)
        return np.where(counts.found / counts.positives >= self.recall, precision, -np.inf)

    def curve(self, counts: Counts) -> Floats:
        merit = self.merit(counts)
        return np.where(np.isfinite(merit), merit, np.nan)

    def words(self) -> str:
        return f"best precision at a recall of at least {self.recall:g}"


_ALL = (BestF1, BestFBeta, LeastCost, PrecisionAtRecall)
OBJECTIVES: Mapping[str, type[Any]] = {one.name: one for one in _ALL}


def objective(name: str, numbers: Mapping[str, float]) -> Objective:
    """Return the objective of this name with its numbers. Raises `NoThreshold` for too many or too few."""
    if name not in OBJECTIVES:
        raise NoThreshold(f"There is no objective {name}: take {', '.join(OBJECTIVES)}.")
    kind = OBJECTIVES[name]
    needed = [field.name for field in fields(kind)]
    if set(needed) != set(numbers):
        wanted = ", ".join(needed) or "no number"
        raise NoThreshold(f"The objective {name} takes {wanted}; given: {', '.join(numbers) or 'none'}.")
    made: Objective = kind(**numbers)
    return made


def as_dict(chosen: Objective) -> dict[str, Any]:
    """Return the name and the numbers."""
    return {"name": chosen.name, **asdict(chosen)}  # type: ignore[call-overload]


def _f_beta(counts: Counts, beta: float) -> Floats:
    found = (1 + beta**2) * counts.found
    rated: Floats = found / (found + beta**2 * counts.missed + counts.false_alarms)
    return rated


def _check_above_zero(chosen: BestFBeta | LeastCost) -> None:
    for number, value in asdict(chosen).items():
        if not (math.isfinite(value) and value > 0):
            words = number.replace("_", " ")
            raise NoThreshold(f"The {words} of {chosen.name} is {value}: give a number above 0.")
