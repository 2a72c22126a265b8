"""Evidence on texts that no head has seen, as new tickets are: out of fold, in two ways.

A service desk meets known problems in other words, and new ones. So each text is weighed twice: by heads that
saw other phrasings of its problem, and by heads that saw none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from coldframe.triage.document import Document
from models.forge.crossfit import Progress
from models.forge.folds import FOLDS, stratified
from models.forge.knowledge.evidence import Evidence, Known, signals, weigh
from models.forge.knowledge.examples import Examples, categories_of, texts
from models.forge.knowledge.heads import FittedHeads

SEED = 20_261_121
FitOn = Callable[[NDArray[np.bool_]], FittedHeads]
Weights = tuple[float, ...]


@dataclass(frozen=True)
class Unseen:
    """Evidence, and what is true of the same texts. category_of: (problems,)."""

    evidence: Evidence
    truth: Examples
    category_of: NDArray[np.int64]

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Which are in scope."""
        return self.truth.inside

    def of(self, what: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The evidence for categories or verdicts, of the texts in scope, and what is true of them."""
        return getattr(self.evidence, what)[self.inside], getattr(self.truth, what)[self.inside]

    def scores(self, category: Weights, of_phrasing: float, of_category: float) -> NDArray[np.float64]:
        """Scores of the nearest problems, (texts, K)."""
        likely = log_softmax(self.evidence.categories @ np.array(category), axis=1)
        of_problem = np.take_along_axis(likely, self.category_of[self.evidence.nearest], axis=1)
        return np.asarray(self._alike(of_phrasing) + of_category * of_problem)

    @cached_property
    def hits(self) -> NDArray[np.bool_]:
        """Which of the nearest problems is the right one, (texts, K)."""
        return np.asarray(self.evidence.nearest == self.truth.problems[:, None])

    def found(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether the best of the nearest problems is the right one, (texts in scope,)."""
        best = np.take_along_axis(self.hits, scores.argmax(axis=1)[:, None], axis=1)
        return np.asarray(best[self.inside, 0])

    def scope(self, of_phrasing: float) -> NDArray[np.float64]:
        """The evidence for being in scope, (texts, 3)."""
        best = self._alike(of_phrasing).max(axis=1, keepdims=True)
        return np.hstack([best, self.evidence.scope])

    def _alike(self, of_phrasing: float) -> NDArray[np.float64]:
        return self.evidence.logits + of_phrasing * self.evidence.similarities


def weigh_unseen(
    document: Document,
    examples: Examples,
    described: NDArray[np.float32],
    fit_on: FitOn,
    progress: Progress,
) -> tuple[Unseen, Unseen]:
    """Weigh all examples as problems in other words, then as new problems. described: as in Known."""
    said = signals(document, texts(document))
    # Each problem begins with another fold, so that those of few phrasings do not all lie in the first ones.
    by_text = (stratified(examples.problems, SEED) + examples.problems) % FOLDS
    of_problem = stratified(np.zeros(examples.problems.max() + 1, np.int64), SEED)
    by_problem = np.where(examples.inside, of_problem[examples.problems], by_text)
    both = []
    for way, folds in enumerate((by_text, by_problem)):
        parts, order = [], []
        for fold in range(FOLDS):
            seen, held = folds != fold, np.flatnonzero(folds == fold)
            known = Known(document, examples.take(seen), described)
            parts.append(weigh(known, fit_on(seen), examples.take(held), said[held]))
            order.append(held)
            progress("folds", way * FOLDS + fold + 1, 2 * FOLDS)
        both.append(Unseen(_joined(parts), examples.take(np.concatenate(order)), categories_of(document)))
    return both[0], both[1]


def _joined(parts: list[Evidence]) -> Evidence:
    names = Evidence.__dataclass_fields__
    return Evidence(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
