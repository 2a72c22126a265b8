"""No ticket's answer takes more room in a file than is reckoned with, whatever the knowledge base."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from coldframe.batch.direct import json_bytes
from coldframe.batch.writing import result_text
from coldframe.decisions import Row
from coldframe.triage.document import PRIORITIES, VERDICTS, Document
from coldframe.triage.table import Table

NAMES = st.text(st.sampled_from('"a'), max_size=12) | st.text(
    st.sampled_from('ab,;"\\\t\n\r=+ éあ😀\x01\u2028') | st.characters(codec="utf-8"), max_size=12
)
SHARES = st.floats(0, 1) | st.floats(0, 1e-5)
COSINES = SHARES.map(lambda share: -share) | SHARES


@st.composite
def documents(draw: st.DrawFn) -> Document:
    labels = draw(st.lists(NAMES, min_size=2, max_size=3, unique=True))
    categories = [
        {
            "category": label,
            "description": "a",
            "routing_team": draw(NAMES),
            "priority": draw(st.sampled_from(PRIORITIES)),
            "sla_hours": draw(st.integers(0, 10**6)),
        }
        for label in labels
    ]
    automation = draw(st.sampled_from((*VERDICTS, "")))
    problems = [
        {"problem": title, "category": labels[0], "phrasings": ["a"], "automation": automation}
        for title in draw(st.lists(NAMES, min_size=1, max_size=4))
    ]
    return Document.of({"title": "Odd", "categories": categories, "problems": problems})


@st.composite
def answers(draw: st.DrawFn, document: Document) -> dict[str, Any]:
    route = draw(st.sampled_from(document.categories))
    numbers = ("confidence", "urgency_score", "problem_confidence")
    verdict = {
        "automation_category": draw(st.sampled_from(VERDICTS)),
        "automation_percentage": draw(st.integers(0, 100)),
        "automation_confidence": round(draw(SHARES), 6),
    }
    return {
        "business_category": route.category,
        "routing_team": route.routing_team,
        "priority_level": route.priority,
        "sla_hours": route.sla_hours,
        "specific_problem": draw(st.sampled_from([None, *(one.problem for one in document.problems)])),
        "similar_problems": [{"problem": "a", "similarity": round(draw(COSINES), 6)}],
        "in_scope": draw(st.booleans()),
        **{name: round(draw(SHARES), 6) for name in numbers},
    } | (verdict if document.judges else {})


def width(row: Row, delimiter: str) -> int:
    return json_bytes(result_text([[]], [""], [row], delimiter))


def cells(row: Row) -> list[Row]:
    """A row for each cell, beside words that are always there: an empty one alone would be quoted."""
    words, numbers = row
    return [*((("a", word), ()) for word in words), *((("a", "a"), (number,)) for number in numbers)]


@settings(max_examples=500)
@given(st.data(), documents(), st.sampled_from(",;\t"))
def test_no_answer_is_wider_than_the_widest(data: st.DataObject, document: Document, delimiter: str) -> None:
    table = Table(document)
    columns, (row,) = table.of([data.draw(answers(document))])
    assert columns == table.columns
    assert width(row, delimiter) <= max(width(one, delimiter) for one in table.widest)
    widest = [
        max(width(one, delimiter) for one in column) for column in zip(*map(cells, table.widest), strict=True)
    ]
    assert all(width(cell, delimiter) <= most for cell, most in zip(cells(row), widest, strict=True))


def test_the_widest_title_is_the_one_that_is_widest_once_written() -> None:
    titles = ["a" * 9, '"' * 8]  # in a file, a quotation mark is two, and each of those two in JSON
    problems = [{"problem": title, "category": "A", "phrasings": ["a"]} for title in titles]
    categories = [{"category": "A", "description": "a"}, {"category": "B", "description": "b"}]
    known = Document.of({"title": "Odd", "categories": categories, "problems": problems})
    assert {words[2] for words, _ in Table(known).widest} == {'"' * 9}
