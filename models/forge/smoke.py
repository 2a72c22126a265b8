"""Predictions that a version must get right before it may be live: its own examples, and odd texts."""

import math
from collections.abc import Iterator

from coldframe.loading import LoadedModel
from coldframe.manifest import FEATURE_ROWS, Manifest
from coldframe.predictor import Predictor

# What a version must answer in the form that it promises, whatever it thinks of it.
TEXTS = (
    "Good",
    "この商品は素晴らしいです！",
    "The printer on the third floor is out of paper again, and nobody answers the phone.",
    "🙂👍",
    "a" * 200,
    "Ünïcödé ﷺ ＦＵＬＬ　ＷＩＤＴＨ\nand a second line",
)


def failures(model: LoadedModel) -> list[str]:
    """Say what is wrong with a version's answers, a sentence each; none when all are right.

    Each of the manifest's `smoke` examples must get its label; every text must get a label that the manifest
    has and numbers that are finite, and the same answer alone as in company. One that scores rows of numbers
    was asked for two of them when it was opened.
    """
    if model.manifest.kind == FEATURE_ROWS:
        return []
    return [*_examples(model.predictor), *_forms(model.predictor)]


def _examples(predictor: Predictor) -> Iterator[str]:
    for example in predictor.manifest.smoke:
        ((words, _numbers),) = predictor.rows([example["text"]])
        if words[-1] != example["label"]:
            yield f"{example['text']!r} is called {words[-1]}, and should be {example['label']}"


def _forms(predictor: Predictor) -> Iterator[str]:
    together = predictor.rows(TEXTS)
    for text, row in zip(TEXTS, together, strict=True):
        words, numbers = row
        if not is_label(predictor.manifest, words[-1]):
            yield f"{text!r} is called {words[-1]!r}, which is none of its labels"
        if not all(map(_is_sound, numbers)):
            yield f"{text!r} gets {numbers}, which are not all numbers"
        if predictor.rows([text]) != [row]:
            yield f"{text!r} is answered otherwise alone than in company"


def is_label(manifest: Manifest, label: object) -> bool:
    """Say whether a version may answer with this label; none means that it knows nothing of the kind."""
    return label in manifest.labels or label in ("", None)


def _is_sound(number: object) -> bool:
    return number is None or (isinstance(number, int | float) and math.isfinite(number))
