"""A knowledge base as CSV says the same as YAML, and its faults have lines too."""

from pathlib import Path
from typing import Any

import pytest

from coldframe.triage.document import Category, Document, Problem
from models.forge.knowledge.read import read_document
from tests.unit.test_read_knowledge import refused, written

PLAIN = """\
Problem,category,phrasing
Days left,Leave,how many days off have I left

Pay is wrong,Pay,"my pay
is wrong"
Days left,Leave, my leave
"""
JUDGED = """\
problem,category,phrasing,automation,percentage,reasoning,priority,complexity
Days left,Leave,days off,FULLY_AUTOMATABLE,95,Looked up.,HIGH,LOW
Days left,Leave,leave,FULLY_AUTOMATABLE,95,Looked up.,HIGH,LOW
Pay is wrong,Pay,my pay is wrong,NOT_AUTOMATABLE,5,,,
"""


def test_rows_are_gathered_by_problem(tmp_path: Path) -> None:
    assert read_document(written(tmp_path, PLAIN, "hr.csv")) == Document(
        title="hr",
        categories=(
            Category("Leave", "Leave", routing_team="Leave"),
            Category("Pay", "Pay", routing_team="Pay"),
        ),
        problems=(
            Problem("Days left", "Leave", ("how many days off have I left", "my leave")),
            Problem("Pay is wrong", "Pay", ("my pay\nis wrong",)),
        ),
    )


def test_verdicts_are_read(tmp_path: Path) -> None:
    days, pay = read_document(written(tmp_path, JUDGED, "hr.CSV")).problems
    assert days == Problem(
        "Days left", "Leave", ("days off", "leave"), "FULLY_AUTOMATABLE", 95, "Looked up.", "HIGH", "LOW"
    )
    assert (pay.automation, pay.percentage, pay.priority) == ("NOT_AUTOMATABLE", 5, "MEDIUM")


@pytest.mark.parametrize(
    ("content", "was", "now", "says"),
    [
        (PLAIN, "Problem,", "Probelm,", "hr.csv line 1: problem: the column is missing"),
        (PLAIN, "Problem,", "problem,category,", "hr.csv line 1: category: two columns have this name"),
        (
            PLAIN,
            "Problem,category,phrasing",
            "problem,category,phrasing,autom",
            "autom: the column is unknown: did",
        ),
        (PLAIN, "Problem,category", "problem;category", "hr.csv line 1: problem: the column is missing"),
        (PLAIN, "Pay is wrong,Pay,", "Pay is wrong,,", "hr.csv line 4: category: the cell is empty: fill it"),
        (PLAIN, "Days left,Leave, my leave", "Days left", "hr.csv line 6: category: the cell is empty"),
        (
            PLAIN,
            "Days left,Leave, my",
            "Days left,Pay, my",
            "line 6: category: 'Pay' is not what line 2 says",
        ),
        (PLAIN, " my leave", '"my leave', "a quote opens on line 6"),
        (PLAIN, PLAIN, "", "hr.csv is empty"),
        (PLAIN, " my leave", "HOW many days off have I left", "line 6: problems.phrasings: 'HOW many days"),
        (PLAIN, " my leave", "my\x07leave", "line 6: file: it has the control character '\\x07': delete it"),
        (PLAIN, "my pay\n", "my pay\n\x00", "line 5: file: it has the control character '\\x00': delete it"),
        (PLAIN, PLAIN, "PK\x03\x04", "Excel workbook"),
        (PLAIN, PLAIN, "problem,category,phrasing", "line 1: problems: there are 0"),
        (PLAIN, " my leave", "MY PAY is wrong", "line 4: problems.phrasings: line 6 has it under another"),
        (
            JUDGED,
            "leave,FULLY_AUTOMATABLE,95",
            "leave,FULLY_AUTOMATABLE,96",
            "line 3: percentage: '96' is not what",
        ),
        (
            JUDGED,
            "NOT_AUTOMATABLE,5",
            "NOT_AUTOMATABLE,50",
            "line 4: problems.percentage: 50 does not fit NOT",
        ),
        (
            JUDGED,
            "NOT_AUTOMATABLE,5",
            ",",
            "line 4: problems.automation: it is missing, and the problem of line 2",
        ),
    ],
)
def test_faults_have_their_lines(tmp_path: Path, content: str, was: str, now: str, says: str) -> None:
    assert content.count(was) == 1
    faults = refused(written(tmp_path, content.replace(was, now), "hr.csv"))
    assert any(says in fault for fault in faults), faults


def test_the_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, PLAIN, "hr.csv")
    monkeypatch.setattr(Path, "read_bytes", None)
    opened, counted = Path.open, []

    def counting(self: Path, *given: Any) -> Any:
        counted.append(self)
        return opened(self, *given)

    monkeypatch.setattr(Path, "open", counting)
    assert len(read_document(path).problems) == 2
    assert counted == [path]


def test_encodings_that_spreadsheets_write(tmp_path: Path) -> None:
    assert read_document(written(tmp_path, PLAIN.encode("utf-8-sig"), "hr.csv")).title == "hr"
    assert "UTF-16" in refused(written(tmp_path, PLAIN.encode("utf-16"), "hr.csv"))[0]
    assert "is not UTF-8" in refused(written(tmp_path, PLAIN.encode() + b"\x83", "hr.csv"))[0]
