"""Labels and scores made up on the spot: the scores lean to their labels, and are rounded as served ones."""

import numpy as np
from numpy.typing import NDArray


def scored_rows(
    count: int, share: float = 0.3, seed: int = 0, digits: int = 6
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """`count` labels, (rows,), of which about this share is true, and a score for each."""
    random = np.random.default_rng(seed)
    labels = random.random(count) < share
    logits = random.normal(np.where(labels, 1.2, -1.2), 1.5)
    return labels, np.round(1 / (1 + np.exp(-logits)), digits)
