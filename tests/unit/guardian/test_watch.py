"""A round of the guardian over a real store, with sums that are given."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast
from unittest.mock import ANY

import obstore
import pytest

from coldframe.aliases import Aliases
from coldframe.changes import Note, Target
from coldframe.guardian.settings import Settings
from coldframe.guardian.sums import MetricSums, Window
from coldframe.guardian.verdict import Sums
from coldframe.guardian.watch import Guardian
from coldframe.registry import change, manifest_key, read_aliases
from coldframe.store import Store
from models.forge.publish import publish
from tests import made

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
GOOD = Sums(calls=500, items=500, labels={"a": 300.0, "b": 200.0})
SETTINGS = Settings(window_seconds=300, lag_seconds=180)


class GivenSums:
    """Stands in for CloudWatch, which tests/integration/test_guardian_sums.py asks for real."""

    def __init__(self) -> None:
        self.by_version: dict[str, Sums] = {}
        self.asked: list[str] = []

    def of_version(self, model: str, version: str, labels: object, window: Window, slow_ms: int) -> Sums:
        self.asked.append(version)
        return self.by_version.get(version, GOOD)

    def of_shadow(self, model: str, version: str, window: Window) -> Sums:
        self.asked.append(version)
        return self.by_version.get(version, Sums())


@pytest.fixture
def store() -> Store:
    """Versions 1 to 3 of which 3 is live, twelve hours before START, and 4 at 5% since START."""
    store = made.memory_store()
    for number in (1, 2, 3):
        made.published(store, f"v{number}.0.0", seed=number)
    data = made.weights(4)
    target = publish(store, made.manifest("v4.0.0", data), {"weights.npz": data}, made.NOTE)
    change(store, "sentiment", lambda old: old.tried("production", target, 5, note(START)))
    return store


@pytest.fixture
def sums() -> GivenSums:
    return GivenSums()


@pytest.fixture
def guardian(store: Store, sums: GivenSums) -> Guardian:
    return Guardian(store, cast(MetricSums, sums), "production", SETTINGS)


def note(at: datetime) -> Note:
    return Note(at.isoformat(timespec="milliseconds"), "a test", "to see")


def aliases(store: Store) -> Aliases:
    return read_aliases(store, "sentiment")[0]


def minutes(count: float) -> datetime:
    return START + timedelta(minutes=count)


def found(guardian: Guardian, now: datetime) -> list[tuple[str, str]]:
    return [(finding.version, finding.action) for finding in guardian.round(now)]


def test_a_good_version_goes_from_step_to_step_and_becomes_the_champion(
    store: Store, guardian: Guardian
) -> None:
    seen = []
    for minute in range(40):
        list(guardian.round(minutes(minute)))
        trial = aliases(store).trial()
        seen.append(trial.percent if trial else 100)
    assert seen == sorted(seen)
    assert list(dict.fromkeys(seen)) == [5, 25, 50, 100]
    # A window of five minutes that ended three ago, at each of three steps.
    assert [seen.index(step) for step in (25, 50, 100)] == [8, 16, 24]
    assert aliases(store).champion() == Target("v4.0.0", ANY)
    last = aliases(store).history[-1]
    assert (last.by, last.why) == ("guardian", "nothing against it in 500 calls at 50%")


def test_a_round_that_is_repeated_finds_nothing_more_to_do(store: Store, guardian: Guardian) -> None:
    list(guardian.round(minutes(8)))
    before = aliases(store)
    assert found(guardian, minutes(8)) == [("v4.0.0", "wait")]
    assert aliases(store) == before


def test_a_bad_version_is_withdrawn_with_the_reason(
    store: Store, guardian: Guardian, sums: GivenSums
) -> None:
    sums.by_version["v4.0.0"] = replace(GOOD, errors=100)
    assert found(guardian, minutes(5)) == [("v4.0.0", "withdraw")]
    assert aliases(store).trial() is None
    assert aliases(store).champion() == Target("v3.0.0", ANY)
    assert aliases(store).history[-1].why == "20.0% of its calls failed, of the champion's 0.0%"
    assert found(guardian, minutes(6)) == []


def test_a_trial_that_was_changed_meanwhile_is_left_alone(store: Store, sums: GivenSums) -> None:
    def moved(model: str, version: str, *_: object) -> Sums:
        if version == "v4.0.0":  # a person is faster
            change(store, "sentiment", lambda old: old.withdrawn("production", note(minutes(8))))
        return GOOD

    sums.of_version = moved  # type: ignore[method-assign, assignment]
    list(Guardian(store, cast(MetricSums, sums), "production", SETTINGS).round(minutes(8)))
    assert aliases(store).trial() is None
    assert aliases(store).history[-1].by == "a test"


def test_a_new_champion_that_fails_is_rolled_back_once(
    store: Store, guardian: Guardian, sums: GivenSums
) -> None:
    change(store, "sentiment", lambda old: old.withdrawn("production", note(START)))
    sums.by_version = {"v3.0.0": Sums(not_opened=2), "v2.0.0": Sums(not_opened=2)}
    assert found(guardian, minutes(1)) == [("v3.0.0", "roll back")]
    assert aliases(store).champion() == Target("v2.0.0", ANY)
    # The one before it fails too: a person has to look, or the two would take turns.
    assert found(guardian, minutes(2)) == []


def test_cloudwatch_is_not_asked_of_what_has_been_live_for_long(
    store: Store, guardian: Guardian, sums: GivenSums
) -> None:
    change(store, "sentiment", lambda old: old.withdrawn("production", note(START)))
    assert found(guardian, minutes(24 * 60 + 1)) == []
    assert sums.asked == []


def test_a_shadow_costs_what_is_asked_of_it_alone(store: Store, guardian: Guardian, sums: GivenSums) -> None:
    shadow = aliases(store).trial()
    assert shadow is not None
    change(store, "sentiment", lambda old: old.tried("production", shadow.target, 0, note(START)))
    long_after = minutes(24 * 60 + 1)
    assert found(guardian, long_after) == [("v4.0.0", "wait")]
    assert sums.asked == ["v4.0.0"]


def test_a_malformed_document_is_no_reason_to_watch_no_other(store: Store, guardian: Guardian) -> None:
    store.create("models/a-broken-one/aliases.json", b"{}")
    assert found(guardian, minutes(8)) == [("", "pass over"), ("v4.0.0", "advance")]


def test_a_trial_is_judged_against_the_champion_that_is_there(
    store: Store, guardian: Guardian, sums: GivenSums
) -> None:
    """The champion goes in the same round; what it was compared with is not what answers now."""
    sums.by_version["v3.0.0"] = Sums(not_opened=1)
    assert found(guardian, minutes(8)) == [("v3.0.0", "roll back"), ("v4.0.0", "advance")]
    assert sums.asked == ["v3.0.0", "v2.0.0", "v4.0.0"]


def test_another_environments_versions_are_another_guardians(store: Store, sums: GivenSums) -> None:
    staging = Guardian(store, cast(MetricSums, sums), "staging", SETTINGS)
    assert found(staging, minutes(8)) == []


def test_a_folder_without_aliases_is_passed_over(store: Store, guardian: Guardian) -> None:
    store.create("models/encoder/v1.0.0/manifest.json", b"{}")
    assert found(guardian, minutes(1)) == [("v4.0.0", "wait")]


def test_a_version_without_its_manifest_is_judged_by_what_was_counted(
    store: Store, guardian: Guardian, sums: GivenSums
) -> None:
    obstore.delete(store._backend, manifest_key("sentiment", "v4.0.0"))
    sums.by_version["v4.0.0"] = Sums(not_opened=1)
    assert found(guardian, minutes(1)) == [("v4.0.0", "withdraw")]


@pytest.mark.parametrize(
    ("now", "since", "start", "end", "period"),
    [
        # whole minutes in the cloud, up to three minutes ago
        (20.5, 0, 12, 17, 60),
        (20.5, 14.1, 15, 17, 60),
        (3.5, 0.5, 1, 0, 60),
    ],
)
def test_a_window_ends_a_lag_ago_and_begins_no_sooner_than_the_trial(
    now: float, since: float, start: float, end: float, period: int
) -> None:
    window = Window.last(minutes(now), minutes(since), SETTINGS)
    assert (window.start, window.end, window.period_seconds) == (minutes(start), minutes(end), period)


def test_a_local_window_is_of_seconds() -> None:
    settings = Settings(window_seconds=10, lag_seconds=0)
    now = START + timedelta(seconds=30.7)
    window = Window.last(now, START, settings)
    assert (window.start, window.end) == (START + timedelta(seconds=20), START + timedelta(seconds=30))
    assert window.period_seconds == 1
