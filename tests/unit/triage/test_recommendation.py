from typing import Any

import pytest

from coldframe.triage.recommendation import recommend
from coldframe.triage.tiers import Scope

IN_SCOPE = Scope(in_scope=True, probability=0.9, certain=True)
FIRST = {
    "business_category": "Printing",
    "routing_team": "Print team",
    "sla_hours": 48,
    "low_confidence": False,
    "likeliest_category": "Printing",
}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (FIRST, "Assign it to Print team, to be seen to within 48 hours."),
        (FIRST | {"routing_team": ""}, "Assign it to Printing, to be seen to within 48 hours."),
        (
            FIRST | {"low_confidence": True, "routing_team": "Front desk"},
            "Have Front desk read it first: it may be Printing, which is not certain.",
        ),
        (FIRST | {"automation_category": "FULLY_AUTOMATABLE"}, "Automate it, and tell Print team."),
        (
            FIRST | {"automation_category": "PARTIALLY_AUTOMATABLE"},
            "Let automation prepare it, and Print team finish it within 48 hours.",
        ),
        (
            FIRST | {"automation_category": "NOT_AUTOMATABLE"},
            "Assign it to Print team, to be seen to within 48 hours.",
        ),
        ({"automation_category": "FULLY_AUTOMATABLE"}, "Automate it, and tell the team in charge."),
        (
            FIRST | {"low_confidence": True, "automation_category": "FULLY_AUTOMATABLE"},
            "Have Print team read it first: it may be Printing, which is not certain.",
        ),
    ],
)
def test_it_says_what_to_do_from_what_is_said(said: dict[str, Any], sentence: str) -> None:
    assert recommend(IN_SCOPE, said) == sentence


def test_what_is_not_in_scope_is_for_a_person_whatever_is_said() -> None:
    outside = Scope(in_scope=False, probability=0.1, certain=True)
    sentence = recommend(outside, FIRST | {"automation_category": "FULLY_AUTOMATABLE"})
    assert sentence == "Have a person read it: it does not read like a ticket in English."


@pytest.mark.parametrize("said", [{}, {"specific_problem": "Printer jams"}])
def test_without_the_first_tier_no_hours_are_made_up(said: dict[str, Any]) -> None:
    assert "hours" not in recommend(IN_SCOPE, said)
