"""A ticket's numbers are the same bits over HTTP, from a CSV and on the command line, on 1 vCPU and 2."""

import csv
import io
import json
from typing import Any

import pytest
from typer.testing import CliRunner

from coldframe import limits
from coldframe.onnx_session import vcpus
from coldframe.store import Store
from infra.cli import predict
from infra.cli.main import app
from tests import made_knowledge
from tests.handlers import Client, load_function, variables
from tests.integration.batch.cloud import Cloud

TICKETS = [
    made_knowledge.IN_SCOPE,
    made_knowledge.OUT_OF_SCOPE,
    "a",
    "Please reset my password, it is very urgent!",
    "Where is the toner? " * 40,
    "プリンターの紙が詰まりました",
    "the key of my desk is gone, no rush",
]


@pytest.fixture
def cloud(aws: str) -> Cloud:
    cloud = Cloud.create()
    made_knowledge.published(Store.open(cloud.models))
    return cloud


@pytest.fixture
def environment(aws: str, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    own = {"MODEL_NAME": "tickets", "POWERTOOLS_SERVICE_NAME": "tickets"}
    for name, value in (variables(aws, cloud.models) | own).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def over_http() -> list[dict[str, Any]]:
    client = Client(load_function("tickets").handler)
    status, _, answer = client.request("POST", "/tickets/classify", json.dumps({"texts": TICKETS}))
    assert status == 200
    return [untimed(one) for one in answer["predictions"]]


def on_the_command_line(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    class Here:
        environment = "production"

        def __init__(self, _: object) -> None:
            self.store = lambda: store

    monkeypatch.setattr(predict, "place", Here)
    printed = CliRunner().invoke(app, ["predict", "tickets", "--json", *TICKETS], catch_exceptions=False)
    assert printed.exit_code == 0
    return [untimed(json.loads(line)) for line in printed.stdout.splitlines()]


def from_a_csv(cloud: Cloud) -> list[dict[str, str]]:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["text"], *([text] for text in TICKETS)])
    drop = cloud.drop("tickets/a.csv", file.getvalue().encode())
    again = cloud.again()
    again.announce(drop)
    again.work_off()
    result = again.finals(drop)["result"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(result, newline="")))


def untimed(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if not name.endswith("_time_ms")}


def test_one_answer_three_ways_on_one_vcpu_and_two(cloud: Cloud, environment: pytest.MonkeyPatch) -> None:
    ways = []
    for count in (1, 2):
        environment.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", str(count * limits.VCPU_MB))
        assert vcpus() == count
        answers = over_http()
        assert on_the_command_line(Store.open(cloud.models), environment) == answers
        assert_rows_say(from_a_csv(cloud), answers)
        ways.append(answers)
    assert ways[0] == ways[1]
    assert len({one["confidence"] for one in ways[0]}) > 3


def assert_rows_say(rows: list[dict[str, str]], answers: list[dict[str, Any]]) -> None:
    numbers = ("confidence", "sla_hours", "urgency_score", "problem_confidence", "automation_percentage")
    for row, answer in zip(rows, answers, strict=True):
        for name in (*numbers, "automation_confidence"):
            assert float(row[name]) == answer[name]
        assert float(row["similarity"]) == answer["similar_problems"][0]["similarity"]
        for name in ("business_category", "routing_team", "priority_level", "automation_category"):
            assert row[name] == answer[name]
        assert row["in_scope"] == str(answer["in_scope"]).lower()


def test_the_command_prints_a_table_that_can_be_read(cloud: Cloud, environment: pytest.MonkeyPatch) -> None:
    class Here:
        environment = "production"

        def __init__(self, _: object) -> None:
            self.store = lambda: Store.open(cloud.models)

    environment.setattr(predict, "place", Here)
    environment.setenv("COLUMNS", "120")
    long = "the printer has a paper jam " * 300
    printed = CliRunner().invoke(app, ["predict", "tickets", long, TICKETS[1]], catch_exceptions=False)
    assert printed.exit_code == 0
    for words in ("known problem", "Printer jams", "Print team", "LOW, 48 h", "5 %", "not in scope", "…"):
        assert words in printed.stdout
    assert max(map(len, printed.stdout.splitlines())) <= 120
    refused = CliRunner().invoke(app, ["predict", "tickets", "a" * 10_001])
    assert refused.exit_code != 0
    assert "text 1 has more than 10000 characters" in str(refused.exception)
