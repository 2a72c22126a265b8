"""Split rows into folds."""

import numpy as np
from numpy.typing import NDArray

FOLDS = 5


def stratified(strata: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """The fold of each row, (rows,): every stratum is spread over the FOLDS folds as evenly as it divides."""
    shuffle = np.random.default_rng(seed)
    folds = np.empty(len(strata), np.int64)
    for stratum in np.unique(strata):
        members = shuffle.permutation(np.flatnonzero(strata == stratum))
        folds[members] = np.arange(len(members)) % FOLDS
    return folds
