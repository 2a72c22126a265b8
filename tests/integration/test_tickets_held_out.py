"""The ticket triage that is shipped, on the tickets that were written before it and kept out of it."""

import csv
import re
from collections.abc import Iterator
from typing import Any

import pytest

from coldframe.triage.model import Triage
from coldframe.triage.opening import open_triage
from models.forge.knowledge.files import read
from models.forge.version import MODELS, read_version

TICKETS_MIN_COUNT = 120
TIER_1_MIN, TIER_3_MIN = 0.90, 0.85
KEPT_MIN, CAUGHT_MIN = 0.97, 0.95
RUN_WORDS = 5

FOLDER = MODELS / "tickets"


def held_out() -> list[dict[str, str]]:
    with (FOLDER / "held_out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def answered() -> list[tuple[dict[str, str], dict[str, Any]]]:
    version = read_version("tickets")
    triage: Triage = open_triage(version.manifest, version.files)
    return [(row, triage.classify(row["text"])) for row in held_out()]


def test_tiers_1_and_3_are_right_often_enough(answered: list[tuple[dict[str, str], dict[str, Any]]]) -> None:
    tickets = [(row, answer) for row, answer in answered if row["category"]]
    assert len(tickets) >= TICKETS_MIN_COUNT
    for field, column, least in (
        ("business_category", "category", TIER_1_MIN),
        ("automation_category", "automation", TIER_3_MIN),
    ):
        right = [answer[field] == row[column] for row, answer in tickets]
        assert sum(right) / len(right) >= least


def test_what_is_no_ticket_is_recognised(answered: list[tuple[dict[str, str], dict[str, Any]]]) -> None:
    tickets = [answer["in_scope"] for row, answer in answered if row["category"]]
    others = [answer["in_scope"] for row, answer in answered if not row["category"]]
    assert sum(tickets) / len(tickets) >= KEPT_MIN
    assert others.count(False) / len(others) >= CAUGHT_MIN


def test_the_knowledge_base_shares_no_run_of_words_with_them() -> None:
    kept_out = {run for row in held_out() for run in runs(row["text"])}
    document = read(FOLDER)
    known = [*document.texts, *document.out_of_scope]
    known += [text for one in document.problems for text in (one.problem, one.reasoning)]
    assert len(kept_out) > 1000
    assert [text for text in known if kept_out.intersection(runs(text))] == []


def runs(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower().replace("'", ""))
    return zip(*(words[first:] for first in range(RUN_WORDS)), strict=False)
