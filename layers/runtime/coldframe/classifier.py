"""Texts in, answers out: the one call that HTTP, CSV and the command line share."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray

from coldframe.manifest import Manifest


class Scorer(Protocol):
    """A model: texts to probabilities of shape (texts, labels), each row alone the same as in company."""

    def predict(self, texts: Sequence[str]) -> NDArray[np.float64]: ...


# An answer as a table has it: `Classifier.columns` names the words, then the numbers.
Row = tuple[tuple[str, ...], tuple[float, ...]]


class Answer(TypedDict, total=False):
    """`label` is the likeliest, `scores` has every label's probability.

    Where the manifest names a verdict, `result` is the word for the likelier of its two labels, and `score`
    that label's share of the two.
    """

    result: str
    score: float
    label: str
    scores: dict[str, float]
    model_version: str


@dataclass(frozen=True)
class Classifier:
    """A scorer with what its manifest says of the scores."""

    scorer: Scorer
    manifest: Manifest

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of a row's words, then of its numbers."""
        scores = tuple(f"score_{label}" for label in self.manifest.labels)
        return ("result", "label", "score", *scores) if self.manifest.verdict else ("label", *scores)

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Return one answer a text, in order."""
        return [self.answer(row) for row in self.rows(texts)]

    def rows(self, texts: Sequence[str]) -> list[Row]:
        """Return the same answers as rows of a table."""
        scores = self.scorer.predict(texts).tolist()
        return list(map(self._verdict_row if self.manifest.verdict else self._row, scores))

    def answer(self, row: Row) -> Answer:
        """Return a row as an object."""
        words, numbers = row
        answer: Answer = {}
        if self.manifest.verdict:
            answer, words, numbers = {"result": words[0], "score": numbers[0]}, words[1:], numbers[1:]
        scores = dict(zip(self.manifest.labels, numbers, strict=True))
        return {**answer, "label": words[0], "scores": scores, "model_version": self.manifest.version}

    def _row(self, scores: list[float]) -> Row:
        return (self.manifest.labels[scores.index(max(scores))],), tuple(scores)

    def _verdict_row(self, scores: list[float]) -> Row:
        first, second = self._poles
        one, other = scores[first], scores[second]
        # Both this and the label go to the earlier label in a tie: the two never contradict.
        pole, likelier = (0, one) if one >= other else (1, other)
        both = one + other
        words = self._words[scores.index(max(scores))][pole]
        return words, (likelier / both if both else 0.5, *scores)

    @cached_property
    def _poles(self) -> tuple[int, ...]:
        labels = self.manifest.labels
        return tuple(i for i, label in enumerate(labels) if label in self.manifest.verdict)

    @cached_property
    def _words(self) -> list[list[tuple[str, str]]]:
        """The words of a row, by the likeliest label and by the likelier pole."""
        labels, verdict = self.manifest.labels, self.manifest.verdict
        return [[(verdict[labels[pole]], label) for pole in self._poles] for label in labels]
