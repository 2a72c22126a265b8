"""What training says would be decided of a row is what a published version answers."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from coldframe.classifier import Classifier
from coldframe.loading import Stopwatch, load
from models.forge.decide import Decided, decide, joined, score_of
from models.forge.publish import publish
from tests import made

LABELS = ("hate", "offensive", "rude", "benign")
ALARM = {"name": "abusive", "labels": ["hate", "offensive", "rude"]}
OUTCOMES = (
    {"when": ["abusive", "hate"], "risk": "HIGH"},
    {"when": ["abusive"], "risk": "MEDIUM"},
    {"when": [], "risk": "LOW"},
)
SHARES = st.floats(0, 1) | st.integers(0, 2_000_000).map(lambda halves: halves / 2e6)  # halfway, or nearly
SCORES = st.lists(st.lists(SHARES, min_size=4, max_size=4), min_size=1, max_size=12)


class Given:
    """A scorer that was told what to say."""

    def __init__(self, scores: list[list[float]]) -> None:
        self._scores = np.array(scores)

    def predict(self, texts: object) -> NDArray[np.float64]:
        return self._scores

    def logits(self, texts: object) -> list[list[float]]:
        raise NotImplementedError


def manifest(values: dict[str, float], **changes: Any) -> Any:
    thresholds = {name: {"value": value} for name, value in values.items()}
    return replace(made.manifest("v1.0.0", b""), labels=LABELS, verdict={}, thresholds=thresholds, **changes)


@given(SCORES, st.data())
def test_an_alarm_and_outcomes(scores: list[list[float]], data: st.DataObject) -> None:
    bare = manifest({}, alarm=ALARM, outcomes=OUTCOMES)
    of_alarm, of_hate = (score_of(name, bare, np.array(scores)).tolist() for name in ("abusive", "hate"))
    value = st.floats(0, 1) | st.sampled_from([min(score, 1.0) for score in of_alarm + of_hate])
    values = {"abusive": data.draw(value), "hate": data.draw(value)}
    served = manifest(values, alarm=ALARM, outcomes=OUTCOMES)
    decided = decide(np.array(scores), served, values)
    rows = Classifier(Given(scores), served).rows([""] * len(scores))
    for place, ((risk, label), (probability, hate, *_)) in enumerate(rows):
        assert LABELS[decided.predicted[place]] == label
        assert (of_alarm[place], of_hate[place]) == (probability, hate)
        reached = {name for name, flags in decided.reached.items() if flags[place]}
        assert ("abusive" in reached) == (risk != "LOW")
        assert ({"abusive", "hate"} <= reached) == (risk == "HIGH")


@given(SCORES, st.dictionaries(st.sampled_from(LABELS), st.floats(0, 1), max_size=4))
def test_flags(scores: list[list[float]], values: dict[str, float]) -> None:
    served = manifest(values)
    decided = decide(np.array(scores), served, values)
    answers = Classifier(Given(scores), served).predict([""] * len(scores))
    for place, answer in enumerate(answers):
        assert LABELS[decided.predicted[place]] == answer["label"]
        reached = {name for name, flags in decided.reached.items() if flags[place]}
        assert reached == set(answer.get("flags", []))


@given(st.lists(st.text("良い悪いです最高", max_size=12), min_size=1, max_size=8))
def test_a_published_version_with_a_verdict(texts: list[str]) -> None:
    store, data = made.memory_store(), made.weights()
    served = made.manifest("v1.0.0", data)
    target = publish(store, served, {"weights.npz": data}, made.NOTE)
    classifier = load(store, "sentiment", target, Stopwatch()).predictor
    assert isinstance(classifier, Classifier)
    decided = decide(classifier.scorer.predict(texts), served, {})
    labels = [words[-1] for words, _ in classifier.rows(texts)]
    assert [served.labels[place] for place in decided.predicted] == labels


@given(st.permutations(range(12)), st.integers(0, 12))
def test_parts_join_in_the_rows_order(order: list[int], cut: int) -> None:
    whole = Decided(np.random.default_rng(0).random((12, 4)), np.arange(12), {"hate": np.arange(12) > 4})
    parts = [np.array(order[:cut], np.int64), np.array(order[cut:], np.int64)]
    again = joined([(places, whole.take(places)) for places in parts])
    assert again.probabilities.tobytes() == whole.probabilities.tobytes()
    assert again.predicted.tolist() == list(range(12))
    assert again.reached["hate"].tolist() == whole.reached["hate"].tolist()
