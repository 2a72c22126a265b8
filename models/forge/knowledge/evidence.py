"""The evidence that coldframe.triage weighs, of many texts at once: (texts, classes, kinds of evidence)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldframe import limits
from coldframe.triage.document import VERDICTS, Document
from coldframe.triage.expressions import Expressions, words_of
from models.forge.knowledge.examples import Examples, categories_of, verdicts_of
from models.forge.knowledge.heads import FittedHeads

Logits = NDArray[np.float64]
_LEAST_MASS = 1e-12


@dataclass(frozen=True)
class Known:
    """What new texts are compared with: the examples that the heads were fitted to, and the descriptions."""

    document: Document
    seen: Examples
    described: NDArray[np.float32]  # (2 * categories, size): description, keywords, description, ...


@dataclass(frozen=True)
class Evidence:
    """categories: (texts, categories, 4); verdicts: (texts, verdicts, 4); scope: (texts, 2), by head.

    nearest (texts, K) are the problems whose phrasings are compared; logits and similarities are theirs.
    """

    categories: Logits
    verdicts: Logits
    scope: Logits
    nearest: NDArray[np.int64]
    logits: Logits
    similarities: Logits


def weigh(known: Known, heads: FittedHeads, given: Examples, said: Logits) -> Evidence:
    """Weigh examples that the heads have not seen. said: (texts, verdicts), as `signals` gives them."""
    problems = heads.problems.logits(given.vectors)
    category_of, verdict_of = categories_of(known.document), verdicts_of(known.document)
    similar = given.vectors @ known.described.T
    classes = range(len(known.document.categories))
    judged = range(said.shape[1])
    nearest = np.argsort(-problems, axis=1, kind="stable")[:, : limits.NEAREST_PROBLEMS_COUNT]
    return Evidence(
        np.stack(
            [
                heads.categories.logits(given.vectors),
                heads.word_categories.logits(given.windows),
                _log_sums(problems, [np.flatnonzero(category_of == one) for one in classes]),
                np.maximum(similar[:, ::2], similar[:, 1::2]),
            ],
            axis=2,
        ),
        np.stack(
            [
                heads.verdicts.logits(given.vectors),
                heads.word_verdicts.logits(given.windows),
                _log_sums(problems, [np.flatnonzero(verdict_of == one) for one in judged]),
                said,
            ],
            axis=2,
        ),
        np.hstack([heads.scope.logits(given.vectors), heads.word_scope.logits(given.windows)]),
        nearest,
        np.take_along_axis(problems, nearest, axis=1),
        _similarities(known.seen, given.vectors, nearest),
    )


def signals(document: Document, texts: list[str]) -> Logits:
    """Which verdicts the texts' own expressions speak for: (texts, verdicts) of 0 and 1."""
    found = Expressions(
        {word: VERDICTS.index(one.automation) for one in document.signals for word in one.words}
    )
    said = np.zeros((len(texts), len(VERDICTS) if document.judges else 0))
    for row, text in enumerate(texts):
        said[row, list(found.find(words_of(text)))] = 1.0
    return said


def _similarities(seen: Examples, vectors: NDArray[np.float32], nearest: NDArray[np.int64]) -> Logits:
    """The similarity of the nearest phrasing of each of the nearest problems; -1 where a problem has none."""
    phrasings = [seen.vectors[seen.problems == one] for one in range(nearest.max(initial=-1) + 1)]
    found = np.full(nearest.shape, -1.0)
    for row, (vector, problems) in enumerate(zip(vectors, nearest.tolist(), strict=True)):
        for column, problem in enumerate(problems):
            if len(phrasings[problem]):
                found[row, column] = (phrasings[problem] @ vector).max()
    return found


def _log_sums(problems: Logits, members: list[NDArray[np.int64]]) -> Logits:
    """The logarithm of the share of each list of members in all problems' mass."""
    masses = np.exp(problems - problems.max(axis=1, keepdims=True))
    return (
        np.stack([np.log(masses[:, places].sum(axis=1) + _LEAST_MASS) for places in members], axis=1)
        if members
        else np.zeros((len(problems), 0))
    )
