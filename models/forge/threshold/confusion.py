"""What became of rows of two kinds, with every count under its name: no row can be read for a column."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Confusion:
    """Counts of rows: positive ones that were flagged and that were not, then the same of negative ones."""

    true_positive: int
    false_negative: int
    false_positive: int
    true_negative: int

    @property
    def rows(self) -> int:
        """All of them."""
        return self.positives + self.false_positive + self.true_negative

    @property
    def positives(self) -> int:
        """Rows that are positive, flagged or not."""
        return self.true_positive + self.false_negative

    @property
    def flagged(self) -> int:
        """Rows that were flagged, rightly or not."""
        return self.true_positive + self.false_positive

    @property
    def precision(self) -> float | None:
        """The share of the flagged rows that are positive; None when none was flagged."""
        return self.true_positive / self.flagged if self.flagged else None

    @property
    def recall(self) -> float:
        """The share of the positive rows that were flagged."""
        return self.true_positive / self.positives

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 0 when none was flagged."""
        return 2 * self.true_positive / (self.positives + self.flagged)

    @property
    def accuracy(self) -> float:
        """The share of the rows that were rightly flagged or rightly not."""
        return (self.true_positive + self.true_negative) / self.rows

    @property
    def alerts_per_1000(self) -> float:
        """Rows flagged among 1,000."""
        return 1000 * self.flagged / self.rows

    def named(self, name: str) -> dict[str, dict[str, int]]:
        """Return the matrix of `name` against the rest: what rows are, then what they were taken for."""
        flagged, left = f"predicted {name}", f"predicted not {name}"
        return {
            f"actual {name}": {flagged: self.true_positive, left: self.false_negative},
            f"actual not {name}": {flagged: self.false_positive, left: self.true_negative},
        }

    def figures(self) -> dict[str, Any]:
        """Return precision, recall, F1 and alerts per 1,000 rows, rounded, as JSON has them."""
        return {
            "precision": None if self.precision is None else round(self.precision, 6),
            "recall": round(self.recall, 6),
            "f1": round(self.f1, 6),
            "alerts_per_1000": round(self.alerts_per_1000, 3),
        }
