"""Whether the exported model answers as the one that it was made from."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from coldframe.features import FeatureModel
from models.forge.export.parent import ExportRefused
from models.forge.quantize import Parity

ROWS_COUNT = 1_000
DIFFERENCE_MAX = 1e-4  # in a probability
SEED = 20_261_121
_SCALES = (0.1, 1.0, 10.0, 100.0)


def random_rows(width: int) -> NDArray[np.float32]:
    """Return ROWS_COUNT rows, (rows, width), normal around 0, from close to it to far from it."""
    scales = np.repeat(_SCALES, ROWS_COUNT // len(_SCALES))[:, None]
    rows = np.random.default_rng(SEED).normal(size=(len(scales), width)) * scales
    return np.asarray(rows, np.float32)


def rows_around(given: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the rows, and ROWS_COUNT more of which each number lies between its feature's least and most."""
    random = np.random.default_rng(SEED)
    between = random.uniform(given.min(axis=0), given.max(axis=0), (ROWS_COUNT, given.shape[1]))
    return np.concatenate([given, between.astype(np.float32)])


def compare(
    model: FeatureModel,
    scores: Callable[[NDArray[np.float32]], NDArray[np.float64]],
    rows: NDArray[np.float32],
) -> Parity:
    """Compare the answers to the rows; raises `ExportRefused` above DIFFERENCE_MAX."""
    got, expected = model.scores(rows), scores(rows)
    difference = float(np.abs(got - expected).max())
    if not difference <= DIFFERENCE_MAX:
        raise ExportRefused(
            f"the exported model's probabilities differ by up to {difference:.1e}, and at most "
            f"{DIFFERENCE_MAX:.0e} is let through: scale large features in the module (StandardScaler), "
            "give rows as it will meet them (--data), and let no torch module branch on a row's numbers"
        )
    agreement = float((got.argmax(axis=1) == expected.argmax(axis=1)).mean())
    return Parity(len(rows), float(f"{difference:.1e}"), agreement)
