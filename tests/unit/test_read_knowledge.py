"""A knowledge base is read whole, or refused with the line, the field and the fix of every fault."""

import re
import time
from pathlib import Path

import pytest

from coldframe.triage.document import Category, Document, Problem, Signal, Urgency
from models.forge.knowledge import rules
from models.forge.knowledge.faults import FAULTS_SHOWN_COUNT, UnusableKnowledge
from models.forge.knowledge.form import FILE_MAX_BYTES
from models.forge.knowledge.read import read_document
from tests.handlers import ROOT

SMALL = """\
categories:
- category: Leave
  description: Days off.
- category: Pay
  description: What is paid, and when.
problems:
- problem: Days left
  category: Leave
  phrasings: [how many days off have I left]
- problem: Payslip missing
  category: Pay
  phrasings: [where is my payslip, no payslip came]
"""
JUDGED = """\
title: HR
fallback: Pay
categories:
- category: Leave
  description: Days off.
  keywords: [holiday]
  routing_team: Leave desk
  priority: LOW
  sla_hours: 48
- {category: Pay, description: Money.}
problems:
- problem: Days left
  category: Leave
  automation: FULLY_AUTOMATABLE
  percentage: 95
  reasoning: A number is looked up.
  priority: HIGH
  complexity: LOW
  phrasings: [how many days off have I left]
- problem: Pay is wrong
  category: Pay
  automation: NOT_AUTOMATABLE
  percentage: 5
  phrasings: [my pay is wrong]
urgency:
  raises: {urgent: 0.3}
  lowers: {no hurry: 1}
signals:
- words: [dispute]
  automation: NOT_AUTOMATABLE
  percentage: 10
  reasoning: A person must judge it.
out_of_scope: [hello]
"""


def written(folder: Path, content: str | bytes, name: str = "hr.yaml") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(path: Path) -> list[str]:
    with pytest.raises(UnusableKnowledge) as caught:
        read_document(path)
    return str(caught.value).splitlines()


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    assert read_document(written(tmp_path, SMALL)) == Document(
        title="hr",
        categories=(
            Category("Leave", "Days off.", routing_team="Leave", priority="MEDIUM", sla_hours=24),
            Category("Pay", "What is paid, and when.", routing_team="Pay"),
        ),
        problems=(
            Problem("Days left", "Leave", ("how many days off have I left",)),
            Problem("Payslip missing", "Pay", ("where is my payslip", "no payslip came")),
        ),
    )


def test_everything_is_read(tmp_path: Path) -> None:
    reason = "A number is looked up."
    assert read_document(written(tmp_path, JUDGED, "hr.YML")) == Document(
        title="HR",
        fallback="Pay",
        categories=(
            Category("Leave", "Days off.", ("holiday",), "Leave desk", "LOW", 48),
            Category("Pay", "Money.", routing_team="Pay"),
        ),
        problems=(
            Problem(
                "Days left",
                "Leave",
                ("how many days off have I left",),
                "FULLY_AUTOMATABLE",
                95,
                reason,
                "HIGH",
                "LOW",
            ),
            Problem("Pay is wrong", "Pay", ("my pay is wrong",), "NOT_AUTOMATABLE", 5),
        ),
        urgency=Urgency({"urgent": 0.3}, {"no hurry": 1.0}),
        signals=(Signal(("dispute",), "NOT_AUTOMATABLE", 10, "A person must judge it."),),
        out_of_scope=("hello",),
    )


def test_the_projects_own_is_read() -> None:
    document = read_document(ROOT / "models/tickets/knowledge.yaml")
    assert len(document.problems) > 500
    assert document.judges


LONG, NAMES = "x" * 1_001, ", ".join(["LOW", "MEDIUM", "HIGH", "CRITICAL"])


@pytest.mark.parametrize(
    ("was", "now", "line", "says"),
    [
        ("title: HR", "titel: HR", 1, "titel: the key is unknown: did you mean title?"),
        ("title: HR", "zzz: HR", 1, "zzz: the key is unknown: there is title"),
        ("title: HR", "title: ", 1, "title: it is empty: write a text"),
        ("title: HR", "title: 5", 1, "title: 5 is read as a number: put it in quotes"),
        ("title: HR", "title: yes", 1, "title: yes is read as true or false: put it in quotes"),
        ("title: HR", "title: 2026-01-02", 1, "title: 2026-01-02 is read as a date: put it in quotes"),
        ("title: HR", "title: [a]", 1, "title: it is read as a list: write one text"),
        ("title: HR", f"title: {'x' * 201}", 1, "title: it has 201 characters: shorten it to 200"),
        ("title: HR", 'title: "a\\nb"', 1, "title: it has a line break or a control character: write it in"),
        ("title: HR", "5: HR", 1, "key: it is not text: put it in quotes"),
        ("title: HR", "title: HR\ntitle: HR", 2, "title: it stands on line 1 already: leave one of them"),
        ("fallback: Pay", "fallback: Pey", 2, "fallback: there is no category 'Pey': did you mean Pay?"),
        ("  description: Days off.\n", "", 4, "categories.description: it is missing: add it"),
        ("Days off.", "' '", 5, "categories.description: it is empty"),
        ("Days off.", LONG, 5, "categories.description: it has 1,001 characters: shorten it to 1,000"),
        ("[holiday]", "holiday", 6, "categories.keywords: it is not a list: begin each item"),
        (
            "  priority: LOW",
            "  priority: low",
            8,
            f"categories.priority: 'low' is unknown: write one of {NAMES}",
        ),
        (
            "sla_hours: 48",
            "sla_hours: 0",
            9,
            "categories.sla_hours: '0' is not a whole number from 1 to 10,000",
        ),
        ("sla_hours: 48", "sla_hours: 2.5", 9, "categories.sla_hours: '2.5' is not a whole number"),
        (
            "category: Pay, d",
            "category: leave, d",
            10,
            "categories.category: 'leave' stands on line 4 already",
        ),
        ("- problem: Days left\n  category", "- category", 12, "problems.problem: it is missing: add it"),
        ("  category: Leave\n  auto", "  auto", 12, "problems.category: it is missing: add it"),
        (
            "  category: Leave\n  auto",
            "  category: Leav\n  auto",
            13,
            "there is no category 'Leav': did you mean",
        ),
        (
            "  category: Leave\n  auto",
            "  category: Pay\n  auto",
            4,
            "no problem is of the category 'Leave': add one",
        ),
        (
            "problem: Pay is wrong",
            "problem: days left",
            20,
            "problems.problem: 'days left' stands on line 12",
        ),
        ("  phrasings: [my pay is wrong]\n", "", 20, "problems.phrasings: it is missing: add it"),
        ("[my pay is wrong]", "[]", 24, "problems.phrasings: there are 0: 1 to 2,000 are possible"),
        (
            "[my pay is wrong]",
            "[{my pay: wrong}]",
            24,
            "problems.phrasings: it is read as a key with a value",
        ),
        ("[my pay is wrong]", "['']", 24, "problems.phrasings: it is empty"),
        ("[my pay is wrong]", f"[{LONG}]", 24, "problems.phrasings: it has 1,001 characters: shorten it"),
        ("[my pay is wrong]", '["a\\0b"]', 24, "problems.phrasings: it has U+0000"),
        ("[my pay is wrong]", "[12]", 24, "problems.phrasings: 12 is read as a number: put it in quotes"),
        ("[my pay is wrong]", "[How many  days off have I left]", 24, "line 19 has it under another problem"),
        ("[hello]", "[my pay is wrong]", 33, "out_of_scope: line 24 has it as a phrasing: leave one"),
        ("[hello]", "hello", 33, "out_of_scope: it is not a list"),
        ("automation: FULLY_AUTOMATABLE", "automation: FULL", 14, "problems.automation: 'FULL' is unknown"),
        (
            "percentage: 95",
            "percentage: 79",
            15,
            "problems.percentage: 79 does not fit FULLY_AUTOMATABLE: that",
        ),
        ("percentage: 95", "percentage: 101", 15, "problems.percentage: '101' is not a whole number from 0"),
        ("percentage: 95", "percentage: high", 15, "problems.percentage: 'high' is not a whole number"),
        ("  percentage: 95\n", "", 12, "problems.percentage: it is missing: add a number from 80 to 100"),
        ("percentage: 5\n", "percentage: 30\n", 23, "30 does not fit NOT_AUTOMATABLE: that has 0 to 29"),
        (
            "NOT_AUTOMATABLE\n  percentage: 5\n",
            "PARTIALLY_AUTOMATABLE\n  percentage: 80\n",
            23,
            "has 30 to 79",
        ),
        (
            "  automation: FULLY_AUTOMATABLE\n",
            "",
            12,
            "problems.automation: it is missing, and the problem of",
        ),
        ("complexity: LOW", "complexity: CRITICAL", 18, "problems.complexity: 'CRITICAL' is unknown"),
        ("urgent: 0.3", "urgent: 1.5", 26, "urgency.raises.urgent: '1.5' is not a number between 0 and 1"),
        ("urgent: 0.3", "urgent: 0", 26, "urgency.raises.urgent: '0' is not a number between 0 and 1"),
        ("urgent: 0.3", "urgent: .nan", 26, "urgency.raises.urgent: '.nan' is not a number"),
        ("urgent: 0.3", "urgent: nan", 26, "urgency.raises.urgent: 'nan' is not a number"),
        ("urgent: 0.3", "urgent: 1_0e-2", 26, "urgency.raises.urgent: '1_0e-2' is not a number"),
        (
            "urgent: 0.3",
            "urgent: 0.3, URGENT!: 0.1",
            26,
            "urgency: 'URGENT!' is the same as 'urgent' on line",
        ),
        ("no hurry: 1", "Urgent: 1", 27, "urgency: 'Urgent' is the same as 'urgent' on line 26: leave one"),
        ("no hurry: 1", '"!!!": 1', 27, "urgency: '!!!' has no word: write letters or digits"),
        ("[dispute]", "[dispute, '?']", 29, "signals.words: '?' has no word: write letters or digits"),
        (
            "[dispute]",
            "[a dispute, A  Dispute]",
            29,
            "signals.words: 'A  Dispute' is the same as 'a dispute'",
        ),
        (
            "out_of_scope:",
            "- {words: [Dispute], automation: NOT_AUTOMATABLE, percentage: 5, reasoning: A.}\nout_of_scope:",
            33,
            "signals.words: 'Dispute' is the same as 'dispute' on line 29: leave one",
        ),
        (
            "[my pay is wrong]",
            "[my pay is wrong, My pay  is wrong]",
            24,
            "problems.phrasings: 'My pay  is wrong' stands on line 24 already: leave one of them",
        ),
        ("{urgent: 0.3}", "urgent", 26, "urgency.raises: it has no keys: write lines such as"),
        ("lowers:", "lower:", 27, "urgency.lower: the key is unknown: did you mean lowers?"),
        ("  reasoning: A person must judge it.\n", "", 29, "signals.reasoning: it is missing: add it"),
        ("percentage: 10", "percentage: 90", 31, "signals.percentage: 90 does not fit NOT_AUTOMATABLE"),
        ("[dispute]", "[]", 29, "signals.words: there are 0: 1 to 1,000 are possible"),
        ("[holiday]", "&all [holiday]\n  routing_team: *all", 7, "*all: aliases are not read: write it out"),
        (
            "[holiday]",
            "!!python/name:os.system ''",
            6,
            "tag: 'tag:yaml.org,2002:python/name:os.system' is not read: leave it out",
        ),
        ("[holiday]", "[[[[[[[[a]]]]]]]]", 6, "file: it is nested more than 8 deep"),
        ("  routing_team", "\trouting_team", 7, "file: it is indented by a tab: indent it by blanks"),
        ("Days off.", "Days off: all", 5, "file: it is not YAML (mapping values are not allowed"),
        ("Days off.", "Days\x07off", 5, "file: it has the control character '\\x07': delete it"),
        ("out_of_scope: [hello]", "---\na: b", 33, "---: a second document begins: leave one of them"),
    ],
)
def test_every_fault_has_its_line_its_field_and_its_fix(
    tmp_path: Path, was: str, now: str, line: int, says: str
) -> None:
    assert JUDGED.count(was) == 1
    faults = refused(written(tmp_path, JUDGED.replace(was, now)))
    assert any(fault.startswith(f"hr.yaml line {line}: ") and says in fault for fault in faults), faults
    assert all(re.fullmatch(r"hr.yaml line [0-9]+: [^ :]+: .+: .+", fault) for fault in faults), faults


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("  description: Days off.", "  description: Days off.\n  percentage: 5", "categories.percentage"),
        (
            "  category: Leave\n",
            "  category: Leave\n  percentage: 5\n",
            "line 9: problems.percentage: it is of no",
        ),
        (
            "problems:",
            "signals: [{words: [a], automation: NOT_AUTOMATABLE}]\nproblems:",
            "no problem has any",
        ),
        ("categories:", "categories: []\nold:", "line 1: categories: there are 0: 2 to 100 are possible"),
        ("categories:", "old:", "line 1: categories: it is missing: add it"),
        (SMALL, "- a", "line 1: file: it has no keys: write keys such as title"),
        (SMALL, "", "line 1: file: it is empty: write title"),
        (SMALL, "# nothing", "line 1: file: it is empty"),
    ],
)
def test_faults_of_what_has_no_verdicts(tmp_path: Path, was: str, now: str, says: str) -> None:
    assert any(says in fault for fault in refused(written(tmp_path, SMALL.replace(was, now, 1))))


def test_too_many_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def many(form: str, count: int) -> str:
        return "".join(form.format(n) for n in range(count))

    more = many("- {{category: c{0}, description: d}}\n", 99) + "problems:\n"
    assert (
        "line 2: categories: there are 101"
        in refused(written(tmp_path, SMALL.replace("problems:\n", more)))[0]
    )
    more = SMALL + many("- {{problem: p{0}, category: Pay, phrasings: [a{0}]}}\n", 999)
    assert "line 7: problems: there are 1,001" in refused(written(tmp_path, more))[0]
    more = SMALL.replace("[how many days off have I left]", "[" + many("a{0}, ", 2_001) + "]")
    assert "there are 2,001: 1 to 2,000" in refused(written(tmp_path, more))[0]
    monkeypatch.setattr(rules, "PHRASINGS_IN_ALL_MAX_COUNT", 2)
    assert refused(written(tmp_path, SMALL)) == [
        "hr.yaml line 6: problems.phrasings: there are 3 phrasings in all: leave at most 2"
    ]


def test_all_faults_are_told_of_by_line_up_to_a_limit(tmp_path: Path) -> None:
    lines = "".join(f"- problem: ''\n  x{number}: 1\n" for number in range(10))
    faults = refused(written(tmp_path, SMALL + lines))
    assert len(faults) == FAULTS_SHOWN_COUNT + 1
    numbers = [int(re.findall(r"line (\d+)", fault)[0]) for fault in faults[:-1]]
    assert numbers == sorted(numbers)
    assert faults[-1] == "… and 20 more."


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert "nowhere.yaml does not exist" in refused(tmp_path / "nowhere.yaml")[0]
    assert "ends on none of .yaml, .yml, .csv" in refused(written(tmp_path, SMALL, "hr.txt"))[0]
    (tmp_path / "folder.yaml").mkdir()
    assert "cannot be read" in refused(tmp_path / "folder.yaml")[0]
    assert "over 20,000,000 bytes" in refused(written(tmp_path, b"#" * (FILE_MAX_BYTES + 1)))[0]
    assert "line 2: file: byte 5 is not UTF-8" in refused(written(tmp_path, b"abcd\n\xff"))[0]
    assert "line 1: file: byte 0 is not UTF-8" in refused(written(tmp_path, SMALL.encode("utf-16")))[0]


@pytest.mark.parametrize("bomb", ["[", "{", "- ", "? ", "a: {b: ", "&a [*a, "])
def test_depth_costs_nothing(tmp_path: Path, bomb: str) -> None:
    """libyaml reads a hundred thousand brackets for minutes, and Python's own does not survive them."""
    assert refused(written(tmp_path, bomb * 1_000_000))


@pytest.mark.parametrize("name", ["hr.yaml", "hr.csv"])
@pytest.mark.parametrize(
    "bomb",
    ["- a\n", "- &a\n", "a,b\n", "\n", "problem: x\n", "a: 1\n", "- {problem: x, category: y}\n"],
)
def test_size_costs_seconds_at_most(tmp_path: Path, bomb: str, name: str) -> None:
    header = "categories:\n- category: a\nproblems:\n" if name == "hr.yaml" else "problem,category,phrasing\n"
    start = time.perf_counter()
    faults = refused(written(tmp_path, header + bomb * (19_000_000 // len(bomb)), name))
    assert time.perf_counter() - start < 60
    assert sum(map(len, faults)) < 20_000


def test_near_names_are_looked_for_in_no_more_than_is_shown(tmp_path: Path) -> None:
    categories = "".join(f"- {{category: {'c' * 90}{n}, description: d}}\n" for n in range(20_000))
    problems = "".join(
        f"- {{problem: p{n}, category: {'b' * 90}{n}, phrasings: [a{n}]}}\n" for n in range(20_000)
    )
    start = time.perf_counter()
    refused(written(tmp_path, f"categories:\n{categories}problems:\n{problems}"))
    assert time.perf_counter() - start < 60


def test_a_bomb_of_aliases_is_refused_at_its_first(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40))]
    assert refused(written(tmp_path, "\n".join(rows))) == [
        "hr.yaml line 2: *a0: aliases are not read: write it out"
    ]
