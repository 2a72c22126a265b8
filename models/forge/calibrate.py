"""Make probabilities say what they should: how often the answer is right."""

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.forge.folds import FOLDS, stratified
from models.forge.metrics import expected_calibration_error
from models.forge.rows import Rows
from models.forge.softmax import among_and_meant, log_softmax, only

Floats = NDArray[np.float64]
ISOTONIC_POINTS = 64
SEED = 20_260_601


class Calibration(Protocol):
    """Turns logits (rows, labels - 1) into probabilities (rows, labels)."""

    kind: ClassVar[str]

    def probabilities(self, logits: Floats) -> Floats: ...


class Platt:
    """slope and bias, (labels - 1,), of the logits; the last label's logit stays 0.

    Platt's scaling, for several labels: vector scaling (Guo et al. 2017, arXiv:1706.04599).
    """

    kind: ClassVar[str] = "platt"

    def __init__(self, slope: Floats, bias: Floats) -> None:
        self.slope, self.bias = slope, bias

    @classmethod
    def fit(cls, logits: Floats, rows: Rows, row_weights: Floats) -> "Platt":
        columns = logits.shape[1]
        among, meant = only(rows.candidates), only(rows.members)

        def loss(point: Floats) -> float:
            scaled = logits * point[:columns] + point[columns:]
            return -float(row_weights @ among_and_meant(scaled, among, meant)[1])

        found = minimize(loss, np.repeat([1.0, 0.0], columns), method="L-BFGS-B")
        return cls(found.x[:columns], found.x[columns:])

    def probabilities(self, logits: Floats) -> Floats:
        return np.exp(log_softmax(logits * self.slope + self.bias))


class Isotonic:
    """For each label a line from point to point that rises, (labels, 2, points); the sum is made 1 again.

    Isotonic regression of each label against the others (Zadrozny and Elkan 2002), on the rows of which it is
    known whether they are of that label.
    """

    kind: ClassVar[str] = "isotonic"

    def __init__(self, lines: Floats) -> None:
        self.lines = lines

    @classmethod
    def fit(cls, logits: Floats, rows: Rows, row_weights: Floats) -> "Isotonic":
        scores = np.exp(log_softmax(logits))
        lines = []
        for place in range(len(rows.labels)):
            known, inside = rows.known(np.arange(len(rows.labels)) == place)
            lines.append(_line(scores[known, place], inside[known], row_weights[known]))
        return cls(np.array(lines))

    def probabilities(self, logits: Floats) -> Floats:
        scores = np.exp(log_softmax(logits))
        moved = np.stack([np.interp(x, *line) for x, line in zip(scores.T, self.lines, strict=True)], axis=1)
        moved[moved.sum(axis=1) == 0] = 1.0  # none is left: all alike
        return np.asarray(moved / moved.sum(axis=1, keepdims=True))


def _line(scores: Floats, inside: NDArray[np.bool_], weights: Floats) -> Floats:
    """(2, points): at quantiles of the scores, what isotonic regression makes of them.

    Without scores, which no row has where no source tells the label from all others, they stay what they are.
    """
    from sklearn.isotonic import IsotonicRegression

    if not len(scores):
        return np.tile(np.linspace(0, 1, ISOTONIC_POINTS), (2, 1))
    fitted = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, inside, weights)
    at = np.quantile(scores, np.linspace(0, 1, ISOTONIC_POINTS)) + 1e-9 * np.arange(ISOTONIC_POINTS)
    return np.stack([at, fitted.predict(at)])


class Choice(NamedTuple):
    """The calibration that was taken, and why: Brier scores by cross-validation, by kind; and ECE."""

    calibration: Calibration
    brier: dict[str, float]
    ece_before: float
    ece_after: float

    def as_dict(self) -> dict[str, Any]:
        """As the manifest has it."""
        rounded = {kind: round(score, 5) for kind, score in self.brier.items()}
        before, after = round(self.ece_before, 4), round(self.ece_after, 4)
        return {"kind": self.calibration.kind, "brier": rounded, "ece_before": before, "ece_after": after}


KINDS: tuple[type[Platt] | type[Isotonic], ...] = (Platt, Isotonic)


def calibrate(logits: Floats, rows: Rows, row_weights: Floats) -> Choice:
    """Take Platt's or isotonic calibration, whichever has the lower Brier score by cross-validation.

    logits (rows, labels - 1) are of rows that the model has not seen.
    """
    folds = stratified(rows.strata, SEED)
    unseen = {kind: _unseen(kind.fit, logits, rows, row_weights, folds) for kind in KINDS}
    scores = {kind: brier(rows, found, row_weights) for kind, found in unseen.items()}
    best = min(KINDS, key=lambda kind: scores[kind])
    before, after = ece(rows, np.exp(log_softmax(logits))), ece(rows, unseen[best])
    by_name = {kind.kind: score for kind, score in scores.items()}
    return Choice(best.fit(logits, rows, row_weights), by_name, before, after)


def brier(rows: Rows, probabilities: Floats, row_weights: Floats) -> float:
    """The Brier score, 0 to 2: squared errors of a row's labels, those that it may have taken together."""
    told_apart = among(rows, probabilities)
    inside = (told_apart * rows.members).sum(axis=1)
    outside = ((told_apart * ~rows.members) ** 2).sum(axis=1)
    return float(np.average((1 - inside) ** 2 + outside, weights=row_weights))


def ece(rows: Rows, probabilities: Floats) -> float:
    """The expected calibration error on the rows whose label is known."""
    single = rows.members.sum(axis=1) == 1
    return expected_calibration_error(rows.targets[single], among(rows, probabilities)[single])


def among(rows: Rows, probabilities: Floats) -> Floats:
    """The probabilities (rows, labels) of the labels that a row's source tells apart, with the sum 1."""
    kept = probabilities * rows.candidates
    kept = np.where(kept.sum(axis=1, keepdims=True) > 0, kept, rows.candidates)  # none is left: all alike
    return np.asarray(kept / kept.sum(axis=1, keepdims=True))


def _unseen(
    fit: Callable[[Floats, Rows, Floats], Calibration],
    logits: Floats,
    rows: Rows,
    row_weights: Floats,
    folds: NDArray[np.int64],
) -> Floats:
    """Each fold's probabilities by a calibration that was fitted on the others."""
    found = np.empty((len(logits), len(rows.labels)))
    for fold in range(FOLDS):
        rest, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        found[held] = fit(logits[rest], rows.take(rest), row_weights[rest]).probabilities(logits[held])
    return found
