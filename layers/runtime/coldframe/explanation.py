"""Which parts of a text weighed most: what becomes of its score when one of them is left out."""

import math
import re
from collections.abc import Iterable, Sequence
from itertools import compress
from operator import not_
from typing import TypedDict

from coldframe import limits
from coldframe.classifier import Classifier
from coldframe.predictor import Predictor

_WORD = re.compile(r"\S+")


class Part(TypedDict):
    """Characters `start` to `end` of the text, and what they add to the log-odds of the alarm."""

    part: str
    start: int
    end: int
    weight: float


def weigh_parts(predictor: Predictor, text: str) -> list[Part]:
    """Return the parts that weigh most, for or against the alarm, the heaviest first; none without an alarm.

    A part is a word; where there are more than EXPLAINED_PARTS_MAX_COUNT, as many words as make that number.
    Leaving one out is scored as a text of its own (occlusion: Zeiler and Fergus 2014, arXiv:1311.2901).
    """
    if not (isinstance(predictor, Classifier) and predictor.manifest.alarm):
        return []
    spans = _spans(text)
    without = [text[:start] + text[end:] for start, end in spans]
    whole, *rest = _log_odds(predictor, [text, *without])
    parts: list[Part] = [
        {"part": text[start:end], "start": start, "end": end, "weight": round(whole - left, 6)}
        for (start, end), left in zip(spans, rest, strict=True)
    ]
    heaviest = sorted(parts, key=lambda part: -abs(part["weight"]))
    return heaviest[: limits.EXPLAINED_PARTS_SHOWN_COUNT]


def _spans(text: str) -> list[tuple[int, int]]:
    words = [found.span() for found in _WORD.finditer(text)]
    size = math.ceil(len(words) / limits.EXPLAINED_PARTS_MAX_COUNT)
    groups = [words[first : first + size] for first in range(0, len(words), size)]
    return [(group[0][0], group[-1][1]) for group in groups]


def _log_odds(classifier: Classifier, texts: Sequence[str]) -> list[float]:
    """The logarithm of the alarm's odds, before rounding and isotonic lines, which hide small differences."""
    manifest = classifier.manifest
    alarm = [label in manifest.alarm["labels"] for label in manifest.labels]
    logits = [[*of_text, 0.0] for of_text in classifier.scorer.logits(texts)]
    return [_log_sum(compress(one, alarm)) - _log_sum(compress(one, map(not_, alarm))) for one in logits]


def _log_sum(logits: Iterable[float]) -> float:
    kept = list(logits)
    largest = max(kept)
    return largest + math.log(sum(math.exp(logit - largest) for logit in kept))
