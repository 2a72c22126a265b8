"""How far a chosen threshold may be off: the percentile bootstrap, without sorting anything again."""

import numpy as np

from models.forge.threshold.objectives import Objective
from models.forge.threshold.sweep import Counts, Floats, Ints, Sweep

RESAMPLES = 1_000
CONFIDENCE = 0.95
SEED = 20_260_501
CELLS_MAX_COUNT = 2_000
_CHUNK = 50  # resamples at a time, which bounds the memory


def interval(swept: Sweep, objective: Objective, value: float) -> tuple[float, float]:
    """Return the CONFIDENCE percentile interval of the threshold (Efron and Tibshirani 1993, chapter 13).

    Rows are drawn with replacement within their kind, as pROC does it (Robin et al. 2011), so that every
    resample has positive rows. How often each distinct score is drawn is multinomial, so the counts are drawn
    and not the rows. Up to CELLS_MAX_COUNT distinct scores this is exact. Above, neighbouring scores share a
    cell, none of which holds more than a 1,000th of either kind unless one score does: the counts are still
    those of a resample of rows, but a resample may choose only between cells. The interval is widened to
    hold `value` where the percentiles do not.
    """
    edges = _edges(swept)
    values = _values(swept, edges)
    found, false_alarms = (_cells(of[edges]) for of in swept.counts[:2])
    random = np.random.default_rng(SEED)
    chosen = np.concatenate(
        [
            values[_best(objective, _drawn(random, found, size), _drawn(random, false_alarms, size))]
            for size in [_CHUNK] * (RESAMPLES // _CHUNK)
        ]
    )
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(chosen, [tail, 1 - tail]).round(6).tolist()
    return min(low, value), max(high, value)


def _edges(swept: Sweep) -> Ints:
    """The places of the last scores of the cells."""
    counts = swept.counts
    if len(swept.scores) <= CELLS_MAX_COUNT:
        return np.arange(len(swept.scores))
    share = (counts.found / counts.positives + counts.false_alarms / counts.negatives) / 2
    return np.unique(np.searchsorted(share, np.arange(1, CELLS_MAX_COUNT + 1) / CELLS_MAX_COUNT - 1e-12))


def _values(swept: Sweep, edges: Ints) -> Floats:
    """The middles of the gaps below the edges; below the lowest score, that score."""
    below = swept.scores[np.minimum(edges + 1, len(swept.scores) - 1)]
    return (swept.scores[edges] + below) / 2


def _cells(running: Ints) -> Ints:
    return np.diff(running, prepend=0)


def _drawn(random: np.random.Generator, cells: Ints, resamples: int) -> Ints:
    """How many rows of each cell are drawn, (resamples, cells)."""
    total = int(cells.sum())
    return random.multinomial(total, cells / total, size=resamples)


def _best(objective: Objective, found: Ints, false_alarms: Ints) -> Ints:
    """The place of the best cell of each resample; a cell of which no row was drawn is none."""
    positives, negatives = int(found[0].sum()), int(false_alarms[0].sum())
    counts = Counts(found.cumsum(axis=1), false_alarms.cumsum(axis=1), positives, negatives)
    merit = np.where(found + false_alarms > 0, objective.merit(counts), -np.inf)
    return best(merit)


def best(merit: Floats) -> Ints:
    """The place of the largest along the last axis; of equals the last, whose threshold misses fewest."""
    return np.asarray(merit.shape[-1] - 1 - np.argmax(merit[..., ::-1], axis=-1))
