"""Make probabilities say what they should: how often the answer is right."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.forge.rows import Rows
from models.forge.softmax import log_softmax, only_candidates


class Calibration(NamedTuple):
    """slope and bias, (labels - 1,), of the logits; the last label's logit stays 0."""

    slope: NDArray[np.float64]
    bias: NDArray[np.float64]

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """(rows, labels) of logits (rows, labels - 1)."""
        return np.exp(log_softmax(logits * self.slope + self.bias))


def calibrate(logits: NDArray[np.float64], rows: Rows, row_weights: NDArray[np.float64]) -> Calibration:
    """Vector scaling (Guo et al. 2017, arXiv:1706.04599) on logits (rows, labels - 1) of unseen rows."""
    columns = logits.shape[1]
    places = np.arange(len(rows.targets))
    impossible = only_candidates(rows)

    def loss(point: NDArray[np.float64]) -> float:
        log_p = log_softmax(logits * point[:columns] + point[columns:], impossible)
        return float(-(row_weights * log_p[places, rows.targets]).sum())

    found = minimize(loss, np.repeat([1.0, 0.0], columns), method="L-BFGS-B")
    return Calibration(found.x[:columns], found.x[columns:])
