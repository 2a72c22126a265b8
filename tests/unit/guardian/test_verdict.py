"""What follows from sums: nothing else goes into it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldframe import limits
from coldframe.guardian.settings import Settings
from coldframe.guardian.verdict import Sums, champion_fault, judge, stability_index

SETTINGS = Settings()
LABELS = {"positive": 500.0, "neutral": 300.0, "negative": 200.0}
GOOD = Sums(calls=1_000, errors=1, slow=20, items=1_000, fallbacks=0, labels=LABELS)
COUNT = st.integers(0, 3_000).map(float)
LABELLED = st.dictionaries(st.sampled_from("abcdef"), COUNT)


def test_a_challenger_that_is_as_good_goes_up_the_steps() -> None:
    percent, steps = 5, []
    while (verdict := judge(percent, True, GOOD, GOOD, SETTINGS)).action == "advance":
        assert verdict.percent is not None
        steps.append(percent := verdict.percent)
    assert steps == [25, 50]
    assert verdict.action == "promote"
    assert verdict.why == "nothing against it in 1000 calls at 50%"


@pytest.mark.parametrize(("percent", "next_step"), [(1, 5), (5, 25), (10, 25), (25, 50), (49, 50)])
def test_the_next_step_is_the_next_larger_share(percent: int, next_step: int) -> None:
    assert judge(percent, True, GOOD, GOOD, SETTINGS).percent == next_step


@pytest.mark.parametrize(
    ("worse", "why"),
    [
        ({"errors": 30.0}, "3.0% of its calls failed, of the champion's 0.1%"),
        ({"slow": 150.0}, "15.0% of its calls took over 100 ms, of the champion's 2.0%"),
        ({"fallbacks": 30.0}, "3.0% of its answers were given without a model, of the champion's 0.0%"),
        ({"labels": {"positive": 1_000.0}}, "its labels are others: stability index"),
        ({"not_opened": 1.0}, "it could not be opened, 1 times"),
        (
            {"compared": 200.0, "disagreements": 21.0},
            "10.5% of 200 inputs get another label, over 10.0%",
        ),
    ],
)
@pytest.mark.parametrize("whole_window", [False, True])
def test_a_worse_challenger_is_withdrawn_at_once(
    worse: dict[str, object], why: str, whole_window: bool
) -> None:
    verdict = judge(25, whole_window, GOOD, replace(GOOD, **worse), SETTINGS)  # type: ignore[arg-type]
    assert verdict.action == "withdraw"
    assert why in verdict.why


@pytest.mark.parametrize(
    ("whole_window", "champion", "challenger", "why"),
    [
        (True, GOOD, replace(GOOD, calls=99), "too little traffic: 99 of its 100 calls"),
        (True, replace(GOOD, calls=3), GOOD, "too little traffic: 3 of the champion's 100 calls"),
        (False, GOOD, GOOD, "less than 300 s at 5%"),
    ],
)
def test_too_little_means_wait(whole_window: bool, champion: Sums, challenger: Sums, why: str) -> None:
    verdict = judge(5, whole_window, champion, challenger, SETTINGS)
    assert (verdict.action, verdict.why) == ("wait", why)


def test_a_shadow_stays_one_until_somebody_moves_it() -> None:
    shadow = Sums(compared=1_000, disagreements=20)
    verdict = judge(0, True, GOOD, shadow, SETTINGS)
    assert (verdict.action, verdict.why) == ("wait", "a shadow: 2.0% of 1000 inputs get another label")
    assert judge(0, True, GOOD, replace(shadow, disagreements=101), SETTINGS).action == "withdraw"


@given(
    st.integers(0, 99),
    st.booleans(),
    st.builds(Sums, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, LABELLED),
    st.builds(Sums, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, LABELLED),
)
def test_any_sums_have_a_verdict(percent: int, whole: bool, champion: Sums, challenger: Sums) -> None:
    verdict = judge(percent, whole, champion, challenger, SETTINGS)
    assert verdict.why
    assert (verdict.percent is not None) == (verdict.action == "advance")
    if verdict.percent is not None:
        assert percent < verdict.percent in limits.GUARDIAN_STEPS_PERCENT
    if verdict.action in ("advance", "promote"):
        assert whole
        assert min(champion.calls, challenger.calls) >= SETTINGS.calls_min_count


@given(LABELLED, LABELLED)
def test_the_stability_index_is_symmetric_and_never_negative(
    one: dict[str, float], other: dict[str, float]
) -> None:
    index, chance = stability_index(one, other)
    assert index >= 0
    assert chance >= 0
    assert stability_index(other, one)[0] == pytest.approx(index)
    assert stability_index(one, one)[0] == 0


def test_a_few_answers_are_not_taken_for_others() -> None:
    """Ten labels of a hundred answers each differ by chance; the index alone would call that a shift."""
    some = dict.fromkeys("abcdefghij", 10.0)
    other = {label: 10.0 + (4 if place % 2 else -4) for place, label in enumerate("abcdefghij")}
    index, chance = stability_index(some, other)
    assert index < chance
    few = replace(GOOD, items=100, labels=some)
    assert judge(5, True, few, replace(few, labels=other), replace(SETTINGS, psi_max=0.1)).action == "advance"


@pytest.mark.parametrize(
    ("sums", "fault"),
    [
        (GOOD, None),
        (Sums(), None),
        (Sums(calls=99, errors=99), None),
        (Sums(calls=200, errors=5), "2.5% of 200 calls failed, over 2.0%"),
        (Sums(not_opened=3), "it could not be opened, 3 times"),
    ],
)
def test_a_new_champion_that_fails_is_found(sums: Sums, fault: str | None) -> None:
    assert champion_fault(sums, SETTINGS) == fault


def test_settings_come_from_the_functions_variables() -> None:
    given = {"GUARDIAN_WINDOW_SECONDS": "60", "GUARDIAN_PSI_MAX": "0.5", "ELSE": "1"}
    assert Settings.from_environment(given) == replace(SETTINGS, window_seconds=60, psi_max=0.5)
