"""Which features tell a user's labels apart best, found by trying them."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from coldframe.linear import FEATURES
from models.forge.calibrate import calibrate
from models.forge.crossfit import Progress, out_of_fold
from models.forge.folds import stratified
from models.forge.rows import Rows
from models.forge.softmax import Linear, contrasts, count_windows, fit, penalty_scale

ROWS_TRIED_MAX_COUNT = 2_000  # enough to tell the kinds apart, and done in half a minute
SEED = 20_261_101


def compare(
    rows: Rows, buckets: int, freedom: Sequence[tuple[float, float]], progress: Progress
) -> Mapping[str, float]:
    """The Brier score of each kind, calibrated, by cross-validation on at most ROWS_TRIED_MAX_COUNT rows."""
    order = np.random.default_rng(SEED).permutation(len(rows.texts))
    tried = rows.take(np.sort(order[:ROWS_TRIED_MAX_COUNT]))
    scores = {}
    for done, kind in enumerate(FEATURES, start=1):
        scores[kind] = _brier(tried, kind, buckets, freedom)
        progress("features", done, len(FEATURES))
    return scores


def _brier(rows: Rows, kind: str, buckets: int, freedom: Sequence[tuple[float, float]]) -> float:
    features = count_windows(rows.texts, FEATURES[kind], buckets)
    basis, weights = contrasts(len(rows.labels)), np.ones(len(rows.texts))

    def fit_on(places: NDArray[np.int64]) -> Linear:
        seen, counted = rows.take(places), features[places]
        return fit(counted, seen, weights[places], penalty_scale(counted, seen, basis, freedom), basis)

    logits = out_of_fold(features, stratified(rows.targets, SEED), fit_on, lambda *_: None)
    return min(calibrate(logits, rows, weights).brier.values())
