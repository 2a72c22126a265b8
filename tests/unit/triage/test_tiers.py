from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldframe import limits
from coldframe.triage.evidence import Candidate, Evidence
from coldframe.triage.expressions import words_of
from coldframe.triage.tiers import NOT_IN_SCOPE, OWN_WORDS, Tiers
from tests.made_knowledge import CONTENT, PROBLEMS, document

FULLY, PARTIALLY, NOT = range(3)
NEAR = [Candidate(place, 5.0 - place, 0.9 - place / 10) for place in range(6)]
CERTAIN = Evidence(categories=[9.0, 0.0, 0.0], candidates=NEAR, verdicts=[0.0, 0.0, 9.0], scope=5.0, words=[])
UNCERTAIN = replace(CERTAIN, categories=[0.1, 0.0, 0.0])
OUTSIDE = replace(CERTAIN, scope=-5.0)
TEXT = "It jams"


def tiers(**other: Any) -> Tiers:
    return Tiers(document(**other), in_scope=0.5, certain=0.5)


def first(evidence: Evidence, text: str = TEXT, **other: Any) -> dict[str, Any]:
    made = tiers(**other)
    evidence = replace(evidence, words=words_of(text))
    return made.first(evidence, made.scope(evidence))


def third(evidence: Evidence, text: str = TEXT, **other: Any) -> dict[str, Any]:
    made = tiers(**other)
    evidence = replace(evidence, words=words_of(text))
    return made.third(evidence, made.scope(evidence))


def verdict(place: int) -> Evidence:
    return replace(CERTAIN, verdicts=[9.0 * (place == one) for one in range(3)])


def test_a_threshold_that_is_just_reached_is_reached() -> None:
    made = Tiers(document(), in_scope=0.5, certain=1 / 3)
    scope = made.scope(replace(CERTAIN, scope=0.0, categories=[0.0, 0.0, 0.0]))
    assert (scope.in_scope, scope.certain, scope.probability) == (True, True, 0.5)


def test_a_certain_category_has_its_route() -> None:
    said = first(CERTAIN)
    assert (said["business_category"], said["likeliest_category"]) == ("Printing", "Printing")
    assert (said["routing_team"], said["sla_hours"], said["low_confidence"]) == ("Print team", 48, False)
    assert said["confidence"] > 0.99


@pytest.mark.parametrize("evidence", [UNCERTAIN, OUTSIDE])
def test_one_that_is_not_certain_goes_to_the_fallback_if_there_is_one(evidence: Evidence) -> None:
    said = first(evidence)
    assert (said["business_category"], said["likeliest_category"]) == ("General", "Printing")
    assert (said["routing_team"], said["low_confidence"]) == ("Front desk", True)
    said = first(evidence, fallback="")
    assert (said["business_category"], said["low_confidence"]) == ("Printing", True)


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("It jams", 0.2),
        ("It is urgent", 0.4),
        ("It is very urgent", 0.5),
        ("No rush", 0.0),
        ("urgent, urgent, urgent, urgent, urgent", 1.0),
    ],
)
def test_urgency_is_the_categorys_and_the_texts_from_0_to_1(text: str, urgency: float) -> None:
    assert first(CERTAIN, text)["urgency_score"] == urgency


def test_the_nearest_problem_and_those_after_it() -> None:
    made = tiers()
    said = made.second(CERTAIN, made.scope(CERTAIN))
    assert said["specific_problem"] == PROBLEMS[0]
    assert [one["problem"] for one in said["similar_problems"]] == list(
        PROBLEMS[: limits.SIMILAR_PROBLEMS_COUNT]
    )
    assert [one["similarity"] for one in said["similar_problems"]] == [0.9, 0.8, 0.7, 0.6, 0.5]
    assert said["problem_confidence"] == pytest.approx(0.6336, abs=1e-3)
    said = made.second(OUTSIDE, made.scope(OUTSIDE))
    assert (said["specific_problem"], said["problem_confidence"]) == (None, 0.0)
    assert len(said["similar_problems"]) == limits.SIMILAR_PROBLEMS_COUNT


def test_a_verdict_has_the_reasons_of_the_nearest_problem_if_it_is_its_own() -> None:
    said = third(verdict(NOT))
    assert (said["automation_category"], said["automation_percentage"]) == ("NOT_AUTOMATABLE", 5)
    assert said["automation_reasoning"] == "Somebody has to open the printer."
    assert (said["business_priority"], said["implementation_complexity"]) == ("MEDIUM", "HIGH")


def test_else_those_of_its_own_words_else_those_of_the_nearest_of_that_verdict() -> None:
    said = third(verdict(FULLY), "please reset it")
    assert (said["automation_percentage"], said["automation_reasoning"]) == (80, "A reset is asked for.")
    said = third(verdict(FULLY))
    assert (said["automation_percentage"], said["automation_reasoning"]) == (95, "A reset needs nobody.")
    assert (said["business_priority"], said["implementation_complexity"]) == ("HIGH", "LOW")
    said = third(verdict(PARTIALLY), "please reset it")  # a signal of another verdict is none of this one
    assert said["automation_percentage"] == 50


def test_where_none_near_is_of_the_verdict_its_percentage_is_the_usual_one() -> None:
    far = replace(verdict(FULLY), candidates=NEAR[:2])
    said = third(far)
    assert (said["automation_percentage"], said["automation_reasoning"]) == (95, OWN_WORDS)
    assert said["business_priority"] == "MEDIUM"
    none = [one | {"automation": "NOT_AUTOMATABLE"} for one in CONTENT["problems"]]
    assert third(verdict(FULLY), problems=none)["automation_percentage"] == 0


def test_nothing_is_known_of_what_is_out_of_scope() -> None:
    said = third(replace(verdict(FULLY), scope=-5.0), "please reset it")
    assert said["automation_confidence"] > 0.99
    assert said == {
        "automation_category": "NOT_AUTOMATABLE",
        "automation_percentage": 0,
        "automation_reasoning": NOT_IN_SCOPE,
        "automation_confidence": said["automation_confidence"],
    }


LOGITS = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3)


@given(LOGITS, LOGITS, st.floats(-1e6, 1e6), st.text(max_size=20))
def test_whatever_the_evidence_every_share_is_one(
    categories: list[float], verdicts: list[float], scope: float, text: str
) -> None:
    evidence = Evidence(categories, NEAR, verdicts, scope, words_of(text))
    made = tiers()
    found = made.scope(evidence)
    said = made.first(evidence, found) | made.second(evidence, found)
    said |= made.third(evidence, found)
    shares = ("confidence", "urgency_score", "problem_confidence", "automation_confidence")
    assert all(0 <= said[name] <= 1 for name in shares)
