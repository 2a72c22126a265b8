import json
from typing import Any

import pytest

from coldframe.errors import MalformedArtifact
from coldframe.triage.document import Category, Document, Problem
from tests.made_knowledge import CONTENT, LABELS, document


def test_it_is_read_as_it_was_written() -> None:
    assert Document.parse(json.dumps(CONTENT).encode()) == document()
    assert document().labels == LABELS
    assert document().fallback == "General"
    assert document().urgency.raises == {"urgent": 0.2, "very urgent": 0.3}


def test_what_is_left_out_has_a_default() -> None:
    small = Document.of(
        {
            "title": "Small",
            "categories": [{"category": "A", "description": "a"}],
            "problems": [{"problem": "p", "category": "A", "phrasings": ["q"]}],
        }
    )
    assert small.categories == (Category("A", "a"),)
    assert small.problems == (Problem("p", "A", ("q",)),)
    assert (small.categories[0].priority, small.categories[0].sla_hours) == ("MEDIUM", 24)
    assert (small.fallback, small.signals, small.out_of_scope, small.judges) == ("", (), (), False)


def test_texts_are_phrasings_then_two_of_each_category() -> None:
    known = document()
    phrasings = [phrasing for problem in known.problems for phrasing in problem.phrasings]
    assert known.texts[: len(phrasings)] == phrasings
    assert known.texts[len(phrasings) :] == [
        "Printers, paper, toner and labels.",
        "printer, toner, paper jam",
        "Passwords, locked accounts and access rights.",
        "password, locked, login",
        "What belongs nowhere else.",
        "What belongs nowhere else.",  # without keywords, the description stands for them
    ]


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in CONTENT.items() if name != key}


WRONG_OF_PROBLEM: list[dict[str, Any]] = [
    {"category": "Nowhere"},
    {"automation": "PERHAPS"},
    {"automation": ""},  # the others have one
    {"automation": ["FULLY_AUTOMATABLE"]},
    {"percentage": "5"},
    {"percentage": True},
    {"percentage": 101},
    {"priority": "SOON"},
    {"complexity": "VAST"},
    {"phrasings": []},
    {"phrasings": "stuck"},
    {"phrasings": [1]},
    {"phrasings": ["\ud800"]},
    {"reasoning": None},
]
WRONG_OF_CATEGORY: list[dict[str, Any]] = [
    {"priority": "SOON"},
    {"sla_hours": "48"},
    {"sla_hours": 0.5},
    {"routing_team": 7},
    {"keywords": {"printer": 1, "toner": 2}},
]
WRONG_OF_SIGNAL: list[dict[str, Any]] = [{"automation": "PERHAPS"}, {"percentage": -1}, {"words": "reset"}]


def first(key: str, **wrong: Any) -> dict[str, Any]:
    """The content with the first of its categories, problems or signals changed."""
    head, *rest = CONTENT[key]
    return CONTENT | {key: [head | wrong, *rest]}


@pytest.mark.parametrize(
    "content",
    [
        without("title"),
        without("categories"),
        without("problems"),
        CONTENT | {"problems": [{"problem": "p"}]},
        CONTENT | {"problems": [CONTENT["problems"][0] | {"answer": 42}]},
        CONTENT | {"categories": None},
        CONTENT | {"categories": [1]},
        CONTENT | {"urgency": {"sets": {}}},
        CONTENT | {"title": 3},
        CONTENT | {"title": "half a character: \ud800"},
        CONTENT | {"problems": []},
        CONTENT | {"fallback": "Nowhere"},
        CONTENT | {"out_of_scope": "text"},
        CONTENT | {"urgency": {"raises": {"now": "0.2"}}},
        CONTENT | {"urgency": {"lowers": {"now": float("nan")}}},
        CONTENT | {"urgency": {"raises": ["now"]}},
        CONTENT | {"urgency": {"raises": {"\ud800": 0.2}}},
        *(first("problems", **wrong) for wrong in WRONG_OF_PROBLEM),
        *(first("categories", **wrong) for wrong in WRONG_OF_CATEGORY),
        *(first("signals", **wrong) for wrong in WRONG_OF_SIGNAL),
        [],
        None,
        "tickets",
    ],
)
def test_another_form_is_refused(content: Any) -> None:
    with pytest.raises(MalformedArtifact, match="expected form"):
        Document.parse(json.dumps(content).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_not_json_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedArtifact):
        Document.parse(data)
