"""What is to be said of one text, weighed: its problems, category and verdict, and whether it is in scope."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldframe import limits
from coldframe.encoder import Embedding
from coldframe.triage.document import VERDICTS, Document, Problem
from coldframe.triage.expressions import Expressions, words_of
from coldframe.triage.heads import Learned, Scores
from coldframe.triage.vectors import Vectors

_LOGIT_MAX = 700.0  # math.exp overflows at 710


class Candidate(NamedTuple):
    """A known problem: its place in the document, its score, the similarity of its nearest phrasing."""

    place: int
    score: float
    similarity: float


@dataclass(frozen=True)
class Evidence:
    """Logits of the categories, the verdicts and of being in scope; the nearest problems, best first.

    `words` are the text's own, for the expressions that the tiers look for.
    """

    categories: list[float]
    candidates: list[Candidate]
    verdicts: list[float]
    scope: float
    words: Sequence[str]


class Weighing:
    """Weighs what is known against a text."""

    def __init__(self, document: Document, vectors: Vectors, learned: Learned) -> None:
        self._vectors, self._learned, self._mix = vectors, learned, learned.mix
        counts = [len(problem.phrasings) for problem in document.problems]
        self._marks = np.cumsum([0, *counts]).tolist()
        self._phrasings_of = [np.arange(begin, end) for begin, end in pairwise(self._marks)]
        self._category_of = [document.labels.index(problem.category) for problem in document.problems]
        self._in_category = _members(self._category_of, len(document.categories))
        self._of_verdict = _verdicts_of(document.problems) if document.judges else []
        self._signals = Expressions(
            {word: VERDICTS.index(signal.automation) for signal in document.signals for word in signal.words}
        )

    def weigh(self, texts: Sequence[str], embeddings: Sequence[Embedding]) -> list[Evidence]:
        """Weigh texts and their embeddings, each as alone; many at once take less time each."""
        words = self._learned.words.scores(texts)
        return list(map(self._weigh, texts, embeddings, words))

    def _weigh(self, text: str, embedding: Embedding, words: Scores) -> Evidence:
        heads = self._learned.heads.scores(embedding.vector)
        masses = _masses(heads.problems)
        categories = self._categories(heads, words, masses, embedding)
        own = words_of(text)
        near = np.argsort(-np.array(heads.problems), kind="stable")[: limits.NEAREST_PROBLEMS_COUNT].tolist()
        similar = self._nearest(near, embedding.vector)
        alike = [
            heads.problems[place] + self._mix.problem[0] * similarity
            for place, similarity in zip(near, similar, strict=True)
        ]
        return Evidence(
            categories,
            self._candidates(near, similar, alike, log_shares(categories)),
            self._verdicts(own, heads, words, masses) if self._of_verdict else [],
            dot(self._mix.scope, (max(alike), heads.scope, words.scope, 1.0)),
            own,
        )

    def _categories(
        self, heads: Scores, words: Scores, masses: list[float], embedding: Embedding
    ) -> list[float]:
        known = _log_sums(masses, self._in_category)
        behind = self._marks[-1]
        similar = self._vectors.similarities(slice(behind, None), embedding.vector).tolist()
        described = map(max, similar[::2], similar[1::2])
        columns = zip(heads.categories, words.categories, known, described, strict=True)
        return [dot(self._mix.category, column) for column in columns]

    def _candidates(
        self, near: list[int], similar: list[float], alike: list[float], log_categories: list[float]
    ) -> list[Candidate]:
        _, of_category, sharpness = self._mix.problem
        candidates = []
        for place, similarity, score in zip(near, similar, alike, strict=True):
            likely = of_category * log_categories[self._category_of[place]]
            candidates.append(Candidate(place, sharpness * (score + likely), similarity))
        return sorted(candidates, key=lambda candidate: (-candidate.score, candidate.place))

    def _nearest(self, problems: Sequence[int], vector: NDArray[np.float32]) -> list[float]:
        """The similarity of the nearest phrasing of each of these problems."""
        spans = [self._phrasings_of[place] for place in problems]
        similar = self._vectors.similarities(np.concatenate(spans), vector)
        begins = np.cumsum([0, *map(len, spans[:-1])])
        nearest: list[float] = np.maximum.reduceat(similar, begins).tolist()
        return nearest

    def _verdicts(self, own: Sequence[str], heads: Scores, words: Scores, masses: list[float]) -> list[float]:
        said = [0.0] * len(VERDICTS)
        for verdict in self._signals.find(own):
            said[verdict] = 1.0
        known = _log_sums(masses, self._of_verdict)
        columns = zip(heads.verdicts, words.verdicts, known, said, strict=True)
        return [dot(self._mix.verdict, column) for column in columns]


def dot(weights: Iterable[float], values: Iterable[float]) -> float:
    """The sum of the products, added from left to right: in plain floats, it has the same bits everywhere."""
    total = 0.0
    for weight, value in zip(weights, values, strict=True):
        total += weight * value
    return total


def shares(logits: Sequence[float]) -> list[float]:
    """Softmax: what each has of 1."""
    masses = _masses(logits)
    total = sum(masses)
    return [mass / total for mass in masses]


def log_shares(logits: Sequence[float]) -> list[float]:
    """The logarithms of the same."""
    top = max(logits)
    total = math.log(sum(_masses(logits)))
    return [logit - top - total for logit in logits]


def logistic(logit: float) -> float:
    """The probability that belongs to a logit."""
    return 1 / (1 + math.exp(min(-logit, _LOGIT_MAX)))


def _masses(logits: Sequence[float]) -> list[float]:
    """The exponentials, relative to the largest, whose is 1."""
    top = max(logits)
    return [math.exp(logit - top) for logit in logits]


def _log_sums(masses: Sequence[float], members: Iterable[Sequence[int]]) -> list[float]:
    """The logarithm of the sum of some masses, for each list of members."""
    return [math.log(sum(map(masses.__getitem__, places)) + 1e-12) for places in members]


def _members(of: Sequence[int], count: int) -> list[list[int]]:
    return [[place for place, one in enumerate(of) if one == number] for number in range(count)]


def _verdicts_of(problems: Iterable[Problem]) -> list[list[int]]:
    return _members([VERDICTS.index(problem.automation) for problem in problems], len(VERDICTS))
