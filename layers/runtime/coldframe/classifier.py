"""Texts in, answers out: the one call that HTTP, CSV and the command line share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray

from coldframe.manifest import Manifest


class Scorer(Protocol):
    """A model: texts to probabilities of shape (texts, labels), each row alone the same as in company."""

    def predict(self, texts: Sequence[str]) -> NDArray[np.float64]: ...


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

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Return one answer a text, in order."""
        rows = self.scorer.predict(texts).tolist()
        return [self._answer(dict(zip(self.manifest.labels, row, strict=True))) for row in rows]

    def _answer(self, scores: dict[str, float]) -> Answer:
        label = max(scores, key=scores.__getitem__)
        answer: Answer = {"label": label, "scores": scores, "model_version": self.manifest.version}
        return {**_verdict(scores, self.manifest), **answer} if self.manifest.verdict else answer


def _verdict(scores: Mapping[str, float], manifest: Manifest) -> Answer:
    # In the order of `labels`, so that a tie falls as it does for `label`: the two never contradict.
    poles = [label for label in manifest.labels if label in manifest.verdict]
    label = max(poles, key=scores.__getitem__)
    both = sum(scores[pole] for pole in poles)
    return {"result": manifest.verdict[label], "score": scores[label] / both if both else 0.5}
