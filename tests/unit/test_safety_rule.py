"""SAFE or UNSAFE by what the steps found."""

import pytest

from models.forge.knowledge.safety import rule
from models.forge.knowledge.safety.damage import PLACES_COUNT, damaged
from models.forge.knowledge.safety.measure import Measured, Ways, differences

GOOD = Measured(7_226, 258, (), Ways(100.0, 30_000.0), Ways(5.0, 5.0))


def test_figures_within_the_limits_are_safe() -> None:
    steps = (
        rule.same_answers(GOOD),
        rule.timings(GOOD),
        rule.missing_assets([], 9, GOOD),
        rule.stale_assets([], 5),
        rule.corrupt_assets([], 60, [], 3),
    )
    found = rule.Safety("tickets v1.0.0", steps)
    assert (found.verdict, found.reasons) == ("SAFE", [])


@pytest.mark.parametrize(
    ("texts", "opening", "ticket", "slow"),
    [
        (500, Ways(20.0, 100.0), Ways(5.5, 5.0), ()),
        (500, Ways(21.0, 100.0), Ways(5.0, 5.0), ("opening",)),
        (499, Ways(110.0, 100.0), Ways(5.0, 5.0), ()),
        (499, Ways(111.0, 100.0), Ways(5.0, 5.0), ("opening",)),
        (500, Ways(1.0, 100.0), Ways(5.6, 5.0), ("a ticket",)),
        (500, Ways(float("nan"), 100.0), Ways(5.0, 5.0), ("opening",)),
        (500, Ways(100.0, 1.0), Ways(50.0, 5.0), ("opening", "a ticket")),
    ],
)
def test_times_are_held_to_their_limits(
    texts: int, opening: Ways, ticket: Ways, slow: tuple[str, ...]
) -> None:
    step = rule.timings(Measured(texts, 1, (), opening, ticket))
    assert tuple(reason.partition(" takes ")[0] for reason in step.reasons) == slow


def test_answers_that_differ_are_unsafe_and_some_are_shown() -> None:
    differing = tuple(f"ticket {number}: confidence" for number in range(1, 6))
    measured = GOOD._replace(differing=differing)
    step = rule.same_answers(measured)
    assert step.reasons == (
        "5 of 258 answers differ with and without stored embeddings"
        " (ticket 1: confidence; ticket 2: confidence; ticket 3: confidence …)",
    )
    assert rule.Safety("", (step,)).verdict == "UNSAFE"
    assert rule.missing_assets([], 9, measured).reasons


def test_whatever_is_not_refused_is_unsafe() -> None:
    for step in (
        rule.missing_assets(["a is opened"], 9, GOOD),
        rule.stale_assets(["a is opened"], 5),
        rule.corrupt_assets(["a is opened"], 60, [], 3),
        rule.corrupt_assets([], 60, ["a is opened"], 3),
    ):
        found = rule.Safety("", (step,))
        assert (found.verdict, found.reasons) == ("UNSAFE", [f"{step.name}: a is opened"])


def test_answers_differ_in_every_bit_and_not_in_times() -> None:
    one = {"confidence": 0.1, "scope": 0.0, "count": 1, "level1_time_ms": 2.0, "only": "here"}
    other = {"confidence": 0.1 + 2**-56, "scope": -0.0, "count": True, "level1_time_ms": 3.0, "more": None}
    assert differences(one, other) == ["confidence", "scope", "count", "only", "more"]
    assert differences(one, dict(one) | {"total_processing_time_ms": 1.0}) == []


def test_damage_is_real_is_everywhere_and_is_the_same_every_time() -> None:
    data = bytes(range(200)) * 5
    made = [damage for _, damage in damaged(data)]
    assert made == [damage for _, damage in damaged(data)]
    assert data not in made
    flips = [damage for damage in made if len(damage) == len(data)]
    places = [next(place for place, byte in enumerate(flip) if byte != data[place]) for flip in flips]
    assert [place * PLACES_COUNT // len(data) for place in places] == list(range(PLACES_COUNT))
    assert {len(damage) for damage in made} >= {0, len(data) - 1}
