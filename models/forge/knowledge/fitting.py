"""From examples to what a version stores: heads, mix of evidence, thresholds; and figures out of fold."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from coldframe.triage.document import Document
from coldframe.triage.heads import Mix
from models.forge.crossfit import Progress
from models.forge.figures import OWN_ROWS, Figure
from models.forge.knowledge import thresholds
from models.forge.knowledge.examples import Examples
from models.forge.knowledge.heads import FittedHeads, fit_heads
from models.forge.knowledge.mix import USUAL, fit_mix
from models.forge.knowledge.unseen import Unseen, weigh_unseen
from models.forge.metrics import expected_calibration_error

PHRASINGS_MIN_COUNT = 400  # of problems that have several, to fit a mix and thresholds; else the usual ones
KNOWN, NOVEL, OUTSIDE = "problems in other words", "problems left out whole", "texts out of scope"
SPLIT = "5-fold cross-validation"


@dataclass(frozen=True)
class Fitted:
    """What a version stores, and how good it was on texts that it had not seen."""

    heads: FittedHeads
    mix: Mix
    in_scope: float
    certain: float
    figures: list[Figure]


def fit(document: Document, examples: Examples, described: NDArray[np.float32], progress: Progress) -> Fitted:
    """Fit all to the examples of the document. described: (2 * categories, size), as in Document.texts."""

    def fit_on(seen: NDArray[np.bool_]) -> FittedHeads:
        counts = len(document.problems), len(document.categories)
        return fit_heads(examples.take(seen), *counts, judges=document.judges)

    heads = fit_on(np.ones(len(examples.problems), np.bool_))
    if _comparable(examples) < PHRASINGS_MIN_COUNT:
        return Fitted(heads, USUAL, thresholds.USUAL_IN_SCOPE, thresholds.USUAL_CERTAIN, [])
    unseen = weigh_unseen(document, examples, described, fit_on, progress)
    mix = fit_mix(*unseen, judges=document.judges)
    in_scope, certain = thresholds.in_scope(mix, unseen), thresholds.certain(mix, unseen)
    return Fitted(heads, mix, in_scope, certain, list(_figures(mix, in_scope, *unseen)))


def _comparable(examples: Examples) -> int:
    """How many phrasings have another one of the same problem."""
    counts = np.bincount(examples.problems[examples.inside])
    return int(counts[counts > 1].sum())


def _figures(mix: Mix, in_scope: float, known: Unseen, novel: Unseen) -> Iterator[Figure]:
    for data, unseen in ((KNOWN, known), (NOVEL, novel)):
        yield from _of_tier(1, data, unseen.of("categories"), mix.category)
        if data == KNOWN:
            found = known.found(known.scores(mix.category, *mix.problem[:2]))
            yield _figure("tier 2 accuracy", found.mean(), data, len(found))
        if unseen.evidence.verdicts.shape[1]:
            yield from _of_tier(3, data, unseen.of("verdicts"), mix.verdict)
    outside = thresholds.scope_probabilities(mix, known)[~known.inside]
    kept = thresholds.scope_probabilities(mix, known)[known.inside] >= in_scope
    yield _figure("kept in scope", kept.mean(), KNOWN, len(kept))
    if len(outside):
        yield _figure("caught", (outside < in_scope).mean(), OUTSIDE, len(outside))


def _of_tier(
    tier: int, data: str, of: tuple[NDArray[np.float64], NDArray[np.int64]], weights: tuple[float, ...]
) -> Iterator[Figure]:
    evidence, targets = of
    shares = softmax(evidence @ np.array(weights), axis=1)
    yield _figure(f"tier {tier} accuracy", (shares.argmax(axis=1) == targets).mean(), data, len(targets))
    error = expected_calibration_error(targets, shares)
    yield _figure(f"tier {tier} ece_15_bins", error, data, len(targets))


def _figure(metric: str, value: float, data: str, rows: int) -> Figure:
    return Figure(metric, round(float(value), 4), data, rows, SPLIT, OWN_ROWS)
