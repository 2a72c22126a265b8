"""What may go live, and what a refusal says; going back; and a process that dies at any call of the store."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import obstore
import pytest

from coldframe import limits
from coldframe.aliases import Aliases
from coldframe.changes import PRODUCTION, STAGING, Note, Target
from coldframe.errors import ChangeRefused, ObjectNotFound
from coldframe.features import GRAPH
from coldframe.loading import Stopwatch, load
from coldframe.manifest import ENCODER, Manifest, sha256
from coldframe.registry import (
    make_champion,
    manifest_key,
    published_versions,
    read_aliases,
    read_history,
    read_manifest,
    signature_key,
    version_prefix,
)
from coldframe.store import Listed, Store, StoredObject
from models.forge.objections import Terms
from models.forge.promote import end_trial, promote, start_trial, target_of
from models.forge.publish import publish
from models.forge.rollback import roll_back
from tests import made, made_features

NOTE = made.NOTE


@pytest.fixture
def store() -> Store:
    return made.memory_store()


def put(store: Store, version: str, data: bytes | None = None, **changes: Any) -> Target:
    """Publish a version; the first one is live at once."""
    data = data or made.weights(int(version[1]))
    manifest = replace(made.manifest(version, data), **changes)
    return publish(store, Manifest.parse(manifest.to_bytes()), {"weights.npz": data}, NOTE)


def aliases(store: Store) -> Aliases:
    return read_aliases(store, "sentiment")[0]


def figures(accuracy: float, **others: float) -> dict[str, Any]:
    values = {"accuracy": accuracy, **others}
    return {"figures": [{"dataset": "d", "metric": m, "value": v} for m, v in values.items()]}


def test_the_first_version_is_live_at_once_and_no_later_one(store: Store) -> None:
    first = put(store, "v1.0.0")
    put(store, "v2.0.0")
    assert aliases(store).champion() == first
    assert aliases(store).revision == 1


def test_promoting_is_recorded_and_safe_to_repeat(store: Store) -> None:
    put(store, "v1.0.0")
    second = put(store, "v2.0.0")
    for _ in range(2):
        promote(store, "sentiment", "v2.0.0", PRODUCTION, Note("2026-02-01", "ann", "May's reviews"))
    change = aliases(store).history[-1]
    assert (change.revision, change.after, change.by, change.why) == (2, second, "ann", "May's reviews")


def test_environments_are_apart(store: Store) -> None:
    first = put(store, "v1.0.0")
    second = put(store, "v2.0.0")
    promote(store, "sentiment", "v2.0.0", STAGING, NOTE)
    assert (aliases(store).champion(PRODUCTION), aliases(store).champion(STAGING)) == (first, second)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"parity": {"verdict": "UNSAFE", "reasons": ["cosine 0.9"]}}, "its gate says UNSAFE: cosine 0.9"),
        ({"smoke": ({"text": "Good", "label": "positive"}, {"text": "Good", "label": "negative"})}, "'Good'"),
        ({"metrics": figures(0.80)}, "accuracy on d is 0.800, and 0.900 of v1.0.0, which is live"),
        ({"metrics": figures(0.90, ece_15_bins=0.09)}, "ece_15_bins on d is 0.090, and 0.010"),
    ],
)
def test_what_is_not_fit_is_refused_and_forced_only_with_the_reasons_on_record(
    store: Store, changes: dict[str, Any], why: str
) -> None:
    put(store, "v1.0.0", metrics=figures(0.90, ece_15_bins=0.01))
    unsafe = changes.pop("parity", {})
    second = put(store, "v2.0.0", **changes)
    if unsafe:  # publish refuses it, so it was published by other means
        second = _with_parity(store, "v2.0.0", unsafe)
    with pytest.raises(ChangeRefused, match="not fit to go live") as refusal:
        promote(store, "sentiment", "v2.0.0", PRODUCTION, NOTE)
    assert why in str(refusal.value)
    with pytest.raises(ChangeRefused, match="not fit to go live"):
        start_trial(store, "sentiment", "v2.0.0", 5, PRODUCTION, NOTE)
    assert aliases(store).revision == 1
    promote(store, "sentiment", "v2.0.0", PRODUCTION, NOTE, Terms(force=True))
    assert aliases(store).champion() == second
    assert aliases(store).history[-1].why.startswith("to see (forced, though ")
    assert why in aliases(store).history[-1].why


def _with_parity(store: Store, version: str, parity: dict[str, Any]) -> Target:
    data = replace(read_manifest(store, "sentiment", version), parity=parity).to_bytes()
    obstore.put(store._backend, manifest_key("sentiment", version), data)
    return Target(version, sha256(data))


@pytest.mark.parametrize("features", [["size", "age", "weight"], ["age", "size", "length"]])
def test_what_takes_other_features_is_refused(store: Store, features: list[str]) -> None:
    data = made_features.graph()
    manifest = made_features.manifest(data)
    for version, names in (("v1.0.0", manifest.feature_names), ("v2.0.0", features)):
        changed = replace(manifest, version=version, input={"features": list(names)})
        publish(store, changed, {GRAPH: data}, NOTE)
    with pytest.raises(
        ChangeRefused, match=r"takes other features than v1\.0\.0, which is live, or in another"
    ):
        start_trial(store, "boxes", "v2.0.0", 5, PRODUCTION, NOTE)


def test_figures_may_be_worse_by_the_margin_and_of_other_data(store: Store) -> None:
    put(store, "v1.0.0", metrics=figures(0.90))
    put(store, "v2.0.0", metrics=figures(0.891))
    put(store, "v3.0.0", metrics={"figures": [{"dataset": "other", "metric": "accuracy", "value": 0.1}]})
    promote(store, "sentiment", "v2.0.0", PRODUCTION, NOTE)
    promote(store, "sentiment", "v3.0.0", PRODUCTION, NOTE)
    assert aliases(store).revision == 3


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda key: (key + "weights.npz", b"other"), "weights.npz has 5 bytes"),
        (lambda key: (key + "weights.npz", None), "nothing is stored at"),
    ],
)
def test_a_version_that_is_not_whole_is_refused(store: Store, spoil: Callable[[str], Any], why: str) -> None:
    put(store, "v1.0.0")
    put(store, "v2.0.0")
    key, data = spoil(version_prefix("sentiment", "v2.0.0"))
    if data is None:
        obstore.delete(store._backend, key)
    else:
        obstore.put(store._backend, key, data)
    with pytest.raises(ChangeRefused, match=why):
        promote(store, "sentiment", "v2.0.0", PRODUCTION, NOTE)


def test_another_kind_goes_live_only_when_forced(store: Store) -> None:
    put(store, "v1.0.0")
    graph = made_features.graph()
    manifest = replace(made_features.manifest(graph, "v2.0.0"), name="sentiment")
    scores = publish(store, manifest, {GRAPH: graph}, NOTE)
    with pytest.raises(ChangeRefused, match=r"of kind features, and v1\.0\.0, .* of kind linear-text"):
        promote(store, "sentiment", scores.version, PRODUCTION, NOTE)
    promote(store, "sentiment", scores.version, PRODUCTION, NOTE, Terms(force=True))
    assert aliases(store).champion() == scores


@pytest.mark.parametrize("force", [False, True])
def test_a_part_of_other_models_is_never_live(store: Store, force: bool) -> None:
    manifest = replace(made.manifest("v1.0.0", b""), kind=ENCODER, labels=(), verdict={}, files=())
    store.create(manifest_key("sentiment", "v1.0.0"), manifest.to_bytes())
    with pytest.raises(ChangeRefused, match="a part of other models"):
        promote(store, "sentiment", "v1.0.0", PRODUCTION, NOTE, Terms(force=force))
    put(store, "v2.0.0")
    with pytest.raises(ChangeRefused, match="a part of other models"):
        start_trial(store, "sentiment", "v1.0.0", 5, PRODUCTION, NOTE, Terms(force=force))


def test_a_manifest_that_is_malformed_can_be_forced(store: Store) -> None:
    put(store, "v1.0.0")
    store.create(manifest_key("sentiment", "v2.0.0"), b"{}")
    with pytest.raises(ChangeRefused, match="manifest version None"):
        promote(store, "sentiment", "v2.0.0", PRODUCTION, NOTE)
    promote(store, "sentiment", "v2.0.0", PRODUCTION, NOTE, Terms(force=True))
    assert aliases(store).champion() == Target("v2.0.0", sha256(b"{}"))


def test_what_is_not_signed_does_not_follow_what_is(store: Store) -> None:
    put(store, "v1.0.0")
    put(store, "v2.0.0")
    with pytest.raises(ChangeRefused, match=r"here open no such.*coldframe sign sentiment v2\.0\.0"):
        promote(store, "sentiment", "v2.0.0", PRODUCTION, NOTE, Terms(must_be_signed=True))
    store.create(signature_key("sentiment", "v1.0.0"), b"{}")
    with pytest.raises(ChangeRefused, match=r"not signed, and v1\.0\.0, which is live, is: sign it first"):
        try_it(store, "v2.0.0")
    store.create(signature_key("sentiment", "v2.0.0"), b"{}")
    promote(store, "sentiment", "v2.0.0", PRODUCTION, NOTE, Terms(must_be_signed=True))


def test_an_unknown_version_is_told_which_there_are(store: Store) -> None:
    put(store, "v1.0.0")
    with pytest.raises(ChangeRefused, match=r"v9\.0\.0 is not published; there is v1\.0\.0"):
        promote(store, "sentiment", "v9.0.0", PRODUCTION, NOTE)


@pytest.mark.parametrize("percent", [-1, 100])
def test_a_share_is_of_a_hundred(store: Store, percent: int) -> None:
    put(store, "v1.0.0")
    put(store, "v2.0.0")
    with pytest.raises(ChangeRefused, match="no share for a challenger"):
        start_trial(store, "sentiment", "v2.0.0", percent, PRODUCTION, NOTE)


def test_a_trial_begins_moves_and_ends(store: Store) -> None:
    put(store, "v1.0.0")
    second = put(store, "v2.0.0")
    for percent in (0, 10):
        start_trial(store, "sentiment", "v2.0.0", percent, PRODUCTION, NOTE)
        trial = aliases(store).trial()
        assert trial is not None
        assert (trial.target, trial.percent) == (second, percent)
    end_trial(store, "sentiment", PRODUCTION, NOTE)
    assert aliases(store).trial() is None


@pytest.mark.parametrize(("steps", "version"), [(1, "v2.0.0"), (2, "v1.0.0")])
def test_rolling_back_goes_down_the_line(store: Store, steps: int, version: str) -> None:
    live(store, 3)
    roll_back(store, "sentiment", PRODUCTION, NOTE, steps=steps)
    champion = aliases(store).champion()
    assert champion is not None
    assert champion.version == version
    assert aliases(store).history[-1].action == "rollback"


def test_one_step_back_and_another_are_two(store: Store) -> None:
    live(store, 3)
    roll_back(store, "sentiment", PRODUCTION, NOTE)
    roll_back(store, "sentiment", PRODUCTION, NOTE)
    with pytest.raises(ChangeRefused, match="before what is live there is none"):
        roll_back(store, "sentiment", PRODUCTION, NOTE)


def test_rolling_back_to_a_version_is_safe_to_repeat(store: Store) -> None:
    live(store, 3)
    for _ in range(2):
        roll_back(store, "sentiment", PRODUCTION, NOTE, to="v1.0.0")
    assert aliases(store).revision == 4


@pytest.mark.parametrize("moved_out", [False, True])
def test_only_what_was_live_here_is_gone_back_to(
    store: Store, moved_out: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if moved_out:
        hold_in_the_document(1, monkeypatch)
    live(store, 3)
    put(store, "v4.0.0", metrics=figures(0.1))
    promote(store, "sentiment", "v4.0.0", STAGING, NOTE)
    for version in ("v4.0.0", "v9.0.0"):
        with pytest.raises(ChangeRefused, match=r"never .* production.*\(v3\.0\.0, v2\.0\.0, v1\.0\.0\)"):
            roll_back(store, "sentiment", PRODUCTION, NOTE, to=version)
    assert aliases(store).champion(PRODUCTION) == target_of(store, "sentiment", "v3.0.0")
    roll_back(store, "sentiment", PRODUCTION, NOTE, to="v3.0.0")
    assert aliases(store).revision == 4
    roll_back(store, "sentiment", PRODUCTION, NOTE, to="v1.0.0")
    assert aliases(store).champion(PRODUCTION) == target_of(store, "sentiment", "v1.0.0")


def test_another_version_that_has_the_number_now_was_never_live(store: Store) -> None:
    live(store, 2)
    for name in ("manifest.json", "weights.npz"):
        store.delete(version_prefix("sentiment", "v1.0.0") + name)
    put(store, "v1.0.0", made.weights(7))
    with pytest.raises(ChangeRefused, match=r"cannot be served any more.*SHA-256"):
        roll_back(store, "sentiment", PRODUCTION, NOTE, to="v1.0.0")


def test_steps_count_in_the_whole_history(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    hold_in_the_document(1, monkeypatch)
    live(store, 5)
    with pytest.raises(ChangeRefused, match=r"there is v4\.0\.0, v3\.0\.0, v2\.0\.0, v1\.0\.0"):
        roll_back(store, "sentiment", PRODUCTION, NOTE, steps=5)
    roll_back(store, "sentiment", PRODUCTION, NOTE, steps=4)
    assert aliases(store).champion() == target_of(store, "sentiment", "v1.0.0")


def test_going_back_to_what_the_document_holds_needs_no_older_change(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_in_the_document(2, monkeypatch)
    live(store, 4)
    store.delete("models/sentiment/history/1.json")
    roll_back(store, "sentiment", PRODUCTION, NOTE)
    assert aliases(store).champion() == target_of(store, "sentiment", "v3.0.0")


def hold_in_the_document(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ALIAS_HISTORY_MAX_COUNT", count)
    monkeypatch.setattr(limits, "ALIAS_HISTORY_STEP_COUNT", 1)


def test_what_is_not_whole_is_not_gone_back_to(store: Store) -> None:
    live(store, 2)
    obstore.delete(store._backend, version_prefix("sentiment", "v1.0.0") + "weights.npz")
    with pytest.raises(ChangeRefused, match="cannot be served any more"):
        roll_back(store, "sentiment", PRODUCTION, NOTE)


def live(store: Store, count: int) -> None:
    for number in range(1, count + 1):
        put(store, f"v{number}.0.0")
        promote(store, "sentiment", f"v{number}.0.0", PRODUCTION, NOTE)


def test_a_champion_that_changes_meanwhile_is_not_rolled_back_unseen(store: Store) -> None:
    live(store, 3)

    other = Target("v9.0.0", "0" * 64)
    with pytest.raises(ChangeRefused, match="changed meanwhile"):
        roll_back(Overtaken(store, other), "sentiment", PRODUCTION, NOTE)
    assert aliases(store).champion() == other


class Overtaken(Store):
    """A store in which somebody promotes another between the first look at the aliases and the second."""

    def __init__(self, store: Store, other: Target) -> None:
        super().__init__(store._backend)
        self.looks, self.store, self.other = 0, store, other

    def get(self, key: str, max_bytes: int) -> StoredObject:
        self.looks += key.endswith("aliases.json")
        if self.looks == 2:
            self.looks += 1
            make_champion(self.store, "sentiment", self.other, NOTE)
        return super().get(key, max_bytes)


def try_it(store: Store, version: str) -> None:
    start_trial(store, "sentiment", version, 5, PRODUCTION, NOTE)


def promote_it(store: Store, version: str) -> None:
    promote(store, "sentiment", version, PRODUCTION, NOTE)


@pytest.mark.parametrize("change", [promote_it, try_it])
def test_what_was_held_against_one_champion_does_not_replace_another(
    store: Store, change: Callable[[Store, str], None]
) -> None:
    put(store, "v1.0.0", metrics=figures(0.80))
    put(store, "v2.0.0", metrics=figures(0.80))
    better = put(store, "v3.0.0", metrics=figures(0.95))
    with pytest.raises(ChangeRefused, match="changed meanwhile: look at it, and try again"):
        change(Overtaken(store, better), "v2.0.0")
    assert aliases(store).champion() == better
    assert aliases(store).trial() is None


def test_promoting_what_somebody_has_promoted_meanwhile_is_well(store: Store) -> None:
    put(store, "v1.0.0")
    second = put(store, "v2.0.0")
    promote(Overtaken(store, second), "sentiment", "v2.0.0", PRODUCTION, NOTE)
    assert aliases(store).champion() == second
    assert aliases(store).revision == 2


# ---- a process that dies


class Killed(BaseException):
    """The process is gone."""


class Mortal(Store):
    """A store whose process dies at the n-th call, before or after the call has been done."""

    def __init__(self, store: Store, calls: int, *, after: bool) -> None:
        super().__init__(store._backend)
        self.calls, self.after = calls, after

    def _call(self, do: Callable[..., Any], *arguments: Any) -> Any:
        self.calls -= 1
        if self.calls == 0 and not self.after:
            raise Killed
        try:
            return do(*arguments)
        finally:
            if self.calls == 0:
                raise Killed

    def get(self, key: str, max_bytes: int) -> StoredObject:
        stored: StoredObject = self._call(super().get, key, max_bytes)
        return stored

    def find(self, key: str) -> Listed | None:
        found: Listed | None = self._call(super().find, key)
        return found

    def create(self, key: str, data: bytes) -> None:
        self._call(super().create, key, data)

    def replace(self, key: str, data: bytes, etag: str) -> None:
        self._call(super().replace, key, data, etag)


def publish_first(store: Store) -> None:
    put(store, "v1.0.0")


def publish_next(store: Store) -> None:
    put(store, "v4.0.0")


def promote_next(store: Store) -> None:
    promote(store, "sentiment", "v3.0.0", PRODUCTION, NOTE)


def begin_a_trial(store: Store) -> None:
    start_trial(store, "sentiment", "v3.0.0", 10, PRODUCTION, NOTE)


def go_back(store: Store) -> None:
    roll_back(store, "sentiment", PRODUCTION, NOTE, to="v1.0.0")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("work", [publish_first, publish_next, promote_next, begin_a_trial, go_back])
def test_killed_at_any_call_nothing_is_half_done_and_a_rerun_completes(
    work: Callable[[Store], None], after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ALIAS_HISTORY_MAX_COUNT", 2)  # so that changes move out of the document too
    monkeypatch.setattr(limits, "ALIAS_HISTORY_STEP_COUNT", 1)

    def fresh() -> Store:
        store = made.memory_store()
        if work is not publish_first:
            live(store, 2)
            put(store, "v3.0.0")
            make_champion(store, "sentiment", Target("v1.0.0", "0" * 64), NOTE, STAGING)
        return store

    whole = fresh()
    work(whole)
    calls = 0
    while True:
        calls += 1
        store = fresh()
        before = champion_of(store)
        try:
            work(Mortal(store, calls, after=after))
        except Killed:
            _check_readers(store, {before, champion_of(whole)})
            work(store)
            assert said(store) == said(whole)
            assert _versions(store) == _versions(whole)
        else:
            break
    assert calls > 2


def champion_of(store: Store) -> Target | None:
    try:
        return aliases(store).champion()
    except ObjectNotFound:
        return None


def _check_readers(store: Store, allowed: set[Target | None]) -> None:
    """What is live is one or the other, and every version that has a manifest has its files."""
    assert champion_of(store) in allowed
    for version in published_versions(store, "sentiment"):
        with suppress(ChangeRefused):  # no manifest yet: nobody reads it
            load(store, "sentiment", target_of(store, "sentiment", version), Stopwatch())


def said(store: Store) -> tuple[Any, ...]:
    """What the aliases and the whole history say, wherever it lies."""
    document, history = aliases(store), read_history(store, "sentiment")
    return document.aliases, document.percents, document.lines, history


def _versions(store: Store) -> list[str]:
    paths = (one["path"] for batch in obstore.list(store._backend) for one in batch)
    return sorted(path for path in paths if "/v" in path)
