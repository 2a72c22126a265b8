"""Challengers scoring what champions have answered, over a real store: what is counted, and what is not."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, cast

import obstore
import pytest

from coldframe import limits
from coldframe.changes import PRODUCTION, STAGING, Target
from coldframe.classifier import Classifier
from coldframe.errors import StoreUnavailable
from coldframe.loading import LoadedModel, load, open_files
from coldframe.metrics import names
from coldframe.predictor import Predictor
from coldframe.registry import aliases_key, change, version_prefix
from coldframe.shadow import compare as module
from coldframe.shadow.compare import Shadow
from coldframe.shadow.events import Decision
from coldframe.store import Store, StoredObject
from models.forge.publish import publish
from tests import made, made_knowledge

TEXTS = (
    "最高",
    "最悪でした",
    "ふつう",
    "高価すぎる",
    "安くて良い",
    "親切な店員",
    "不便",
    "便利",
    "退屈な本",
    "快適",
    "丈夫",
)
Counted = Callable[[], Counter[tuple[str, str, str]]]


@pytest.fixture
def store() -> Store:
    """Version 1 is sentiment's champion, version 2 its challenger in the shadow."""
    store = made.memory_store()
    made.published(store, "v1.0.0", seed=1)
    challenge(store, "v2.0.0")
    return store


@pytest.fixture
def counted(capsys: pytest.CaptureFixture[str]) -> Counted:
    """What has been counted since it was last asked: by metric, model and version."""

    def counted() -> Counter[tuple[str, str, str]]:
        found = Counter[tuple[str, str, str]]()
        for text in capsys.readouterr().out.splitlines():
            line = json.loads(text)
            for metric in line.get("_aws", {"CloudWatchMetrics": []})["CloudWatchMetrics"]:
                for one in metric["Metrics"]:
                    found[one["Name"], line["model"], line["model_version"]] += int(line[one["Name"]][0])
        return found

    return counted


def challenge(store: Store, version: str, seed: int = 2) -> None:
    data = made.weights(seed)
    target = publish(store, made.manifest(version, data), {"weights.npz": data}, made.NOTE)
    try_out(store, "sentiment", target)


def try_out(store: Store, model: str, target: Target) -> None:
    change(store, model, lambda old: old.tried(PRODUCTION, target, 0, made.NOTE))


def opened(seed: int) -> Predictor:
    data = made.weights(seed)
    return cast(Predictor, open_files(made.manifest("v1.0.0", data), {"weights.npz": data}))


def said(version: str = "v1.0.0", texts: Iterable[str] = TEXTS, seed: int = 1) -> list[Decision]:
    """What a made version has answered."""
    predictor = opened(seed)
    return [
        Decision("sentiment", version, text, dict(zip(predictor.columns, (*words, *numbers), strict=True)))
        for text in texts
        for words, numbers in predictor.rows([text])
    ]


def score(store: Store, decisions: Iterable[Decision], remaining_seconds: float = 60.0) -> None:
    Shadow(store, PRODUCTION).score(decisions, lambda: remaining_seconds)


def of(metric: str, version: str = "v2.0.0", model: str = "sentiment") -> tuple[str, str, str]:
    return metric, model, version


def test_what_both_say_alike_and_what_they_do_not(store: Store, counted: Counted) -> None:
    labels = [words[-1] for words, _ in opened(1).rows(TEXTS)]
    others = [words[-1] for words, _ in opened(2).rows(TEXTS)]
    differing = sum(one != other for one, other in zip(labels, others, strict=True))
    assert 0 < differing < len(TEXTS)
    score(store, said())
    assert counted() == {of(names.COMPARED): len(TEXTS), of(names.DISAGREEMENTS): differing}


def test_the_same_weights_never_disagree(store: Store, counted: Counted) -> None:
    challenge(store, "v3.0.0", seed=1)
    score(store, said())
    assert counted() == {of(names.COMPARED, "v3.0.0"): len(TEXTS)}


def test_another_versions_answers_and_other_environments_are_passed_over(
    store: Store, counted: Counted
) -> None:
    score(store, said("v0.9.0"))
    score(store, said("v2.0.0", seed=2))
    Shadow(store, STAGING).score(said(), lambda: 60.0)
    assert not counted()
    score(store, [*said("v0.9.0"), *said(texts=TEXTS[:3])])
    assert counted()[of(names.COMPARED)] == 3


def test_without_a_trial_nothing_is_opened(
    store: Store, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(store, "sentiment", lambda old: old.withdrawn(PRODUCTION, made.NOTE))
    monkeypatch.delattr(module, "load")
    score(store, said())
    assert not counted()


def test_a_challenger_that_fails_on_an_input_disagrees(
    store: Store, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows(self: Classifier, texts: list[str]) -> Any:
        raise FloatingPointError(texts)

    decisions = said(texts=TEXTS[:2])
    monkeypatch.setattr(Classifier, "rows", rows)
    score(store, decisions)
    assert counted() == {of(names.COMPARED): 2, of(names.DISAGREEMENTS): 2}


def test_a_challenger_that_cannot_be_opened_is_counted_as_that(store: Store, counted: Counted) -> None:
    key = version_prefix("sentiment", "v2.0.0") + "weights.npz"
    obstore.put(store._backend, key, made.weights(3))
    score(store, said())
    assert counted() == {of(names.NOT_OPENED): 1}
    store.delete(key)
    score(store, said())
    assert counted() == {of(names.NOT_OPENED): 1}


def test_a_model_that_is_unknown_or_whose_aliases_are_malformed_does_not_keep_others(
    store: Store, counted: Counted
) -> None:
    obstore.put(store._backend, aliases_key("broken"), b"{}")
    strange = [replace(said()[0], model=name) for name in ("broken", "unknown")]
    score(store, [*strange, *said()])
    assert counted()[of(names.COMPARED)] == len(TEXTS)


# ---- what may not be compared


@pytest.mark.parametrize("tiers", [(2,), (3,), (2, 3)])
def test_tickets_that_were_seen_to_without_a_label_are_not_compared(
    tiers: tuple[int, ...], counted: Counted
) -> None:
    """The same knowledge base on trial against itself: it has not said anything else."""
    store = made.memory_store()
    target = made_knowledge.published(store, "v2.0.0")
    made_knowledge.published(store, "v1.0.0")
    try_out(store, "tickets", target)
    base = made_knowledge.opened()

    def ticket(*tiers: int) -> Decision:
        columns, ((words, numbers),) = base.table(base.predict([made_knowledge.IN_SCOPE], tiers))
        row = dict(zip(columns, (*words, *numbers), strict=True))
        return Decision("tickets", "v1.0.0", made_knowledge.IN_SCOPE, row)

    score(store, [ticket(*tiers), ticket(1), ticket(*tiers), ticket(1, 2, 3)])
    assert counted() == {of(names.COMPARED, model="tickets"): 2}


def test_of_a_large_event_a_sample_from_all_over_is_scored(
    store: Store, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored: list[str] = []
    rows = Classifier.rows

    def noting(self: Classifier, texts: list[str]) -> Any:
        scored.extend(texts)
        return rows(self, texts)

    (one,) = said(texts=TEXTS[:1])
    monkeypatch.setattr(Classifier, "rows", noting)
    for size in (limits.SHADOW_INPUTS_MAX_COUNT, limits.SHADOW_INPUTS_MAX_COUNT + 1, 10_000):
        scored.clear()
        score(store, [replace(one, item=str(place)) for place in range(size)])
        assert len(scored) == counted()[of(names.COMPARED)]
        assert limits.SHADOW_INPUTS_MAX_COUNT / 2 < len(scored) <= limits.SHADOW_INPUTS_MAX_COUNT
        assert (scored[0], int(scored[-1]) >= size * 0.9) == ("0", True)


def test_what_was_compared_before_the_time_ran_out_is_counted(store: Store, counted: Counted) -> None:
    left = iter([60.0, 59.0, 58.0, *[limits.SHADOW_RESERVE_SECONDS] * 99])
    Shadow(store, PRODUCTION).score(said(), lambda: next(left))
    assert counted()[of(names.COMPARED)] == 2


def test_without_time_nothing_is_opened(
    store: Store, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(module, "load")
    score(store, said(), remaining_seconds=1.0)
    assert not counted()


def test_when_the_store_is_away_half_way_nothing_is_counted_until_the_lines_come_again(
    store: Store, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderation = made.published(store, "v2.0.0", seed=2, of=made.moderation)
    made.published(store, "v1.0.0", seed=2, of=made.moderation)
    try_out(store, "moderation", moderation)
    decisions = [*said(), replace(said()[0], model="moderation")]
    get = Store.get

    def away(self: Store, key: str, max_bytes: int) -> StoredObject:
        if "moderation" in key:
            raise StoreUnavailable("the object store did not answer")
        return get(self, key, max_bytes)

    monkeypatch.setattr(Store, "get", away)
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            score(store, decisions)
    assert not counted()
    monkeypatch.setattr(Store, "get", get)
    score(store, decisions)
    again = counted()
    assert again[of(names.COMPARED)] == len(TEXTS)
    assert again[of(names.COMPARED, model="moderation")] == 1


def test_a_version_stays_open_from_event_to_event(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    shadow, loaded = Shadow(store, PRODUCTION), []

    def noting(*given: Any) -> LoadedModel:
        loaded.append(given[2].version)
        return load(*given)

    monkeypatch.setattr(module, "load", noting)
    for _ in range(3):
        shadow.score(said(), lambda: 60.0)
    assert loaded == ["v2.0.0"]
