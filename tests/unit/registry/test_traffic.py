"""Who gets the challenger: its share of the keys, and each key always the same version."""

import time
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldframe import traffic
from coldframe.adopting import adopt_champion, adopt_trial
from coldframe.aliases import Aliases
from coldframe.changes import Note, Target
from coldframe.errors import IntegrityError
from coldframe.loading import LoadedModel
from coldframe.traffic import Call, Serving, is_within
from tests import made

KEYS_COUNT = 5_000
REQUESTS_COUNT = 20_000


def model(number: int) -> LoadedModel:
    return LoadedModel(target(number), None, None)  # type: ignore[arg-type] # nothing is asked of it


def target(number: int) -> Target:
    return Target(f"v{number}.0.0", f"{number:064x}")


CHAMPION, CHALLENGER = model(1), model(2)


def serving(percent: int) -> Serving:
    return Serving(CHAMPION, CHALLENGER, percent, on_trial=True)


def answered(serving: Serving, key: str | None = None, inputs: traffic.Inputs = ()) -> LoadedModel | None:
    traffic.begin(Call(key))
    return serving.answering(inputs)


def test_a_canary_of_ten_percent_gets_ten_percent_of_the_keys_and_keeps_them() -> None:
    versions: dict[str, set[str]] = {}
    for number in range(REQUESTS_COUNT):
        key = f"customer-{number % KEYS_COUNT}"
        chosen = answered(serving(10), key)
        assert chosen is not None
        versions.setdefault(key, set()).add(chosen.target.version)
    assert all(len(one) == 1 for one in versions.values())
    counts = Counter(version for one in versions.values() for version in one)
    assert abs(counts["v2.0.0"] / KEYS_COUNT - 0.10) <= 0.01


@given(st.binary(max_size=50), st.text(max_size=70), st.integers(0, 100), st.integers(0, 100))
def test_a_larger_share_has_all_keys_of_a_smaller_one(key: bytes, salt: str, one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert is_within(key, salt, less) <= is_within(key, salt, more)
    assert not is_within(key, salt, 0)
    assert is_within(key, salt, 100)


@given(st.text(min_size=1, max_size=50))
def test_the_same_inputs_always_get_the_same_version(text: str) -> None:
    assert answered(serving(50), inputs=[text]) is answered(serving(50), inputs=[text])
    assert answered(serving(50), inputs=[text.encode("utf-8", "surrogatepass")]) is not None


def test_the_requests_own_key_counts_before_its_inputs() -> None:
    chosen = {answered(serving(50), "a customer", [f"text {number}"]) for number in range(50)}
    assert len(chosen) == 1
    assert len({answered(serving(50), None, [f"text {number}"]) for number in range(50)}) == 2


@pytest.mark.parametrize("inputs", [(), ("",)])
def test_a_request_without_key_and_inputs_is_the_champions(inputs: tuple[str, ...]) -> None:
    expected = {CHAMPION} if not inputs else {CHAMPION, CHALLENGER}
    assert answered(serving(99), inputs=inputs) in expected


def test_what_the_challenger_failed_on_is_the_champions() -> None:
    call = traffic.begin(Call("a", champion_only=True))
    assert serving(99).answering(["a"]) is CHAMPION
    assert (call.model, call.is_challenger, call.by_version) == (CHAMPION, False, True)


@pytest.mark.parametrize(("age_seconds", "watched"), [(0, True), (86_000, True), (87_000, False)])
def test_a_new_champion_is_counted_by_its_version(age_seconds: float, watched: bool) -> None:
    at = datetime.fromtimestamp(time.time() - age_seconds, UTC).isoformat(timespec="milliseconds")
    found = adopted(Serving(), Aliases().promoted("production", target(1), Note(at, "", "")))
    call = traffic.begin(Call())
    found.answering()
    assert call.by_version is watched


def test_what_is_only_looked_at_is_not_counted() -> None:
    call = traffic.begin(Call("a"))
    assert serving(50).chosen() is not None
    assert (call.model, call.by_version) == (None, False)


# ---- adopting


def trial(percent: int) -> Aliases:
    aliases = Aliases().promoted("production", target(1), made.NOTE)
    return aliases.tried("production", target(2), percent, made.NOTE)


def adopted(before: Serving, aliases: Aliases, refused: frozenset[Target] = frozenset()) -> Serving:
    def open_one(wanted: Target) -> LoadedModel:
        if wanted in refused:
            raise IntegrityError("its bytes are others")
        return LoadedModel(wanted, None, None)  # type: ignore[arg-type]

    champion = adopt_champion(before, aliases, "production", open_one)
    return adopt_trial(champion, aliases, "production", open_one)


def test_a_challenger_that_becomes_champion_is_not_opened_again() -> None:
    before = adopted(Serving(), trial(5))
    after = adopted(before, trial(5).promoted("production", target(2), made.NOTE))
    assert after.champion is before.challenger
    assert (after.challenger, after.on_trial, after.problems) == (None, False, ())


def test_a_shadow_is_not_opened_where_requests_are_answered() -> None:
    found = adopted(Serving(), trial(0))
    assert (found.challenger, found.on_trial) == (None, True)


def test_a_challenger_that_cannot_be_opened_leaves_the_champion_alone() -> None:
    found = adopted(Serving(), trial(50), frozenset({target(2)}))
    assert found.champion is not None
    assert found.challenger is None
    assert found.problems == ("challenger v2.0.0 is refused: its bytes are others",)


def test_who_was_rolled_back_is_not_gone_back_to() -> None:
    aliases = Aliases()
    for number in (1, 2, 3):
        aliases = aliases.promoted("production", target(number), made.NOTE)
    aliases = aliases.rolled_back("production", target(2), made.NOTE)
    found = adopted(Serving(), aliases, frozenset({target(2)}))
    assert found.champion is not None
    assert found.champion.target == target(1)


def test_an_environment_without_a_champion_keeps_what_it_has() -> None:
    before = adopted(Serving(), trial(5))
    found = adopted(before, Aliases())
    assert found.champion is before.champion
    assert "publish" in found.problems[0]
