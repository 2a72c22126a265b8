"""How much each piece of evidence weighs: the likeliest weights, of evidence on texts that no head had seen."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_softmax

_PENALTY = 1e-3  # keeps a weight that says nothing at 0


def fit_softmax(
    evidence: NDArray[np.float64], targets: NDArray[np.int64], start: Sequence[float]
) -> tuple[float, ...]:
    """Weights, none below 0, of evidence (texts, classes, kinds) for the class of each text (texts,)."""
    rows = np.arange(len(targets))

    def loss(weights: NDArray[np.float64]) -> float:
        likelihood = log_softmax(evidence @ weights, axis=1)[rows, targets].mean()
        return float(_PENALTY * np.square(weights).sum() - likelihood)

    found = minimize(loss, np.array(start), method="L-BFGS-B", bounds=[(0, None)] * len(start))
    return tuple(found.x.tolist())


def fit_logistic(evidence: NDArray[np.float64], truth: NDArray[np.bool_]) -> tuple[float, ...]:
    """Weights of evidence (texts, kinds), none below 0, and a bias, for what is so; either kind counts half."""
    share = np.where(truth, 0.5 / max(truth.sum(), 1), 0.5 / max((~truth).sum(), 1))
    signs = np.where(truth, 1.0, -1.0)
    columns = np.hstack([evidence, np.ones((len(evidence), 1))])

    def loss(weights: NDArray[np.float64]) -> float:
        likelihood = share @ np.log(np.maximum(expit(signs * (columns @ weights)), 1e-12))
        return float(_PENALTY * np.square(weights[:-1]).sum() - likelihood)

    kinds = evidence.shape[1]
    found = minimize(
        loss, np.zeros(kinds + 1), method="L-BFGS-B", bounds=[(0, None)] * kinds + [(None, None)]
    )
    return tuple(found.x.tolist())
