"""Tickets over HTTP, as a file and on the command line, in a local cloud as a user starts it."""

import csv
import io
import json
import re
import time
from typing import Any

import pytest

from tests import made_knowledge
from tests.e2e.running import START_SECONDS, Cloud
from tests.made_knowledge import IN_SCOPE, OUT_OF_SCOPE

TICKETS = [IN_SCOPE, OUT_OF_SCOPE, "I am locked out, and it is urgent"]


@pytest.fixture(scope="module")
def tickets(cloud: Cloud) -> Cloud:
    made_knowledge.published(cloud.models(), "v0.9.0")
    return cloud


def untimed(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if not name.endswith("_time_ms")}


def test_one_ticket_is_answered_alike_wherever_it_comes_from(tickets: Cloud) -> None:
    status, answer = tickets.call("/tickets/classify", {"texts": TICKETS})
    assert status == 200
    answers = answer["predictions"]
    assert answers[0]["specific_problem"] == "Printer jams"
    printed = tickets.command("predict", "tickets", "--json", *TICKETS)
    assert [untimed(json.loads(line)) for line in printed.stdout.splitlines()] == list(map(untimed, answers))
    assert "Print team" in tickets.command("predict", "tickets", IN_SCOPE).stdout
    rows = list(csv.DictReader(io.StringIO(from_a_file(tickets), newline="")))
    assert [float(row["confidence"]) for row in rows] == [one["confidence"] for one in answers]
    assert [row["specific_problem"] for row in rows] == [one["specific_problem"] or "" for one in answers]


def from_a_file(cloud: Cloud) -> str:
    """The result of a file that is dropped."""
    file, s3 = io.StringIO(newline=""), cloud.s3()
    csv.writer(file).writerows([["text"], *([text] for text in TICKETS)])
    s3.put_object(Bucket="coldframe-inbox", Key="tickets/a.csv", Body=file.getvalue().encode())
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = s3.list_objects_v2(Bucket="coldframe-results", Prefix="tickets/").get("Contents", [])
        keys = [one["Key"] for one in found if re.search(r"(?<!\.rejected)\.csv$", one["Key"])]
        if keys:
            data: bytes = s3.get_object(Bucket="coldframe-results", Key=keys[0])["Body"].read()
            return data.decode("utf-8-sig")
        time.sleep(0.1)  # there is nothing to wait on: an object appears
    raise AssertionError("the file was never scored")


def test_a_gateway_stops_what_is_grossly_too_long(tickets: Cloud) -> None:
    assert tickets.call("/tickets/classify", {"text": "a" * 10_001})[1]["errors"][0]["pointer"] == "/text"
    status, problem = tickets.call("/tickets/classify", {"text": "a" * 100_001})
    assert (status, problem["errors"][0]["pointer"]) == (422, "")
