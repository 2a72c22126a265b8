"""The tickets contract, event in and answer out, with a small knowledge base in a real S3 API."""

import csv
import hashlib
import io
import json
import sys
from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest

from coldframe import limits, telemetry
from coldframe.store import Store
from coldframe.triage.contract import Ticket
from tests import made, made_knowledge
from tests.forms import CONTENT_TYPE, file_form
from tests.handlers import Client, load_function, variables
from tests.made_knowledge import IN_SCOPE, LABELS, OUT_OF_SCOPE, PROBLEMS

FIRST = {
    *("business_category", "routing_team", "priority_level", "sla_hours", "confidence"),
    *("low_confidence", "likeliest_category", "urgency_score", "level1_time_ms"),
}
SECOND = {"specific_problem", "problem_confidence", "similar_problems", "level2_time_ms"}
THIRD = {
    *("automation_category", "automation_percentage", "automation_reasoning", "automation_confidence"),
    *("business_priority", "implementation_complexity", "level3_time_ms"),
}
ALWAYS = {"in_scope", "truncated", "recommendation", "total_processing_time_ms", "model_version"}
TICKETS = [
    IN_SCOPE,
    OUT_OF_SCOPE,
    "Please reset my password, it is very urgent",
    "too many attempts and now I am locked out",
    "Where is the toner?",
]


def as_tickets(patch: pytest.MonkeyPatch, aws: str, bucket: str) -> Client:
    own = {"MODEL_NAME": "tickets", "POWERTOOLS_SERVICE_NAME": "tickets"}
    for name, value in (variables(aws, bucket) | own).items():
        patch.setenv(name, value)
    return Client(load_function("tickets").handler)


@pytest.fixture(scope="module")
def opened(aws: str) -> Iterator[Client]:
    """One environment for all of these tests: opening an encoder takes a while."""
    boto3.client("s3").create_bucket(Bucket="of-tickets")
    made_knowledge.published(Store.open("of-tickets"), "v1.2.0")
    with pytest.MonkeyPatch.context() as patch:
        yield as_tickets(patch, aws, "of-tickets")


@pytest.fixture
def client(opened: Client) -> Client:
    cast(Any, telemetry.logger.registered_handler).stream = sys.stdout  # pytest gives each test its own
    return opened


def classify(client: Client, content: Any) -> tuple[int, Any]:
    return client.request("POST", "/tickets/classify", json.dumps(content))[::2]


def untimed(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if not name.endswith("_ms")}


def test_one_ticket_gets_all_that_the_contract_names(client: Client) -> None:
    status, answer = classify(client, {"text": IN_SCOPE})
    assert status == 200
    assert answer.keys() == FIRST | SECOND | THIRD | ALWAYS == Ticket.model_fields.keys()
    assert Ticket(**answer).model_dump() == answer
    assert (answer["business_category"], answer["routing_team"]) == ("Printing", "Print team")
    assert (answer["priority_level"], answer["sla_hours"], answer["urgency_score"]) == ("LOW", 48, 0.2)
    assert answer["specific_problem"] == answer["similar_problems"][0]["problem"] == "Printer jams"
    assert len(answer["similar_problems"]) == limits.SIMILAR_PROBLEMS_COUNT
    assert (answer["automation_category"], answer["automation_percentage"]) == ("NOT_AUTOMATABLE", 5)
    assert answer["automation_reasoning"] == "Somebody has to open the printer."
    assert (answer["in_scope"], answer["truncated"], answer["low_confidence"]) == (True, False, False)
    assert answer["recommendation"] == "Assign it to Print team, to be seen to within 48 hours."
    assert answer["model_version"] == "v1.2.0"
    times = [answer[f"level{tier}_time_ms"] for tier in (1, 2, 3)]
    assert sum(times) <= answer["total_processing_time_ms"] + 0.01
    assert min(times) >= 0


def test_many_tickets_are_answered_as_alone(client: Client) -> None:
    status, answer = classify(client, {"texts": TICKETS})
    assert status == 200
    assert set(answer) == {"predictions"}
    alone = [classify(client, {"text": text})[1] for text in TICKETS]
    assert list(map(untimed, answer["predictions"])) == list(map(untimed, alone))
    assert {one["business_category"] for one in alone} == set(LABELS)


def test_a_list_of_one_is_a_list(client: Client) -> None:
    assert len(classify(client, {"texts": [IN_SCOPE]})[1]["predictions"]) == 1


def test_a_hundred_are_taken_and_one_more_is_not(client: Client) -> None:
    status, answer = classify(client, {"texts": ["the toner"] * 100})
    assert (status, len(answer["predictions"])) == (200, 100)
    assert len({json.dumps(untimed(one)) for one in answer["predictions"]}) == 1
    status, problem = classify(client, {"texts": ["the toner"] * 101})
    assert status == 422
    assert problem["errors"] == [{"pointer": "/texts", "detail": "has 101 items: send at most 100 a request"}]


@pytest.mark.parametrize(
    ("tiers", "fields"),
    [
        ([1], FIRST),
        ([2], SECOND),
        ([3], THIRD),
        ([1, 2], FIRST | SECOND),
        ([1, 3], FIRST | THIRD),
        ([2, 3], SECOND | THIRD),
        ([3, 2, 1], FIRST | SECOND | THIRD),
    ],
)
def test_only_the_tiers_that_are_asked_for_are_answered(
    client: Client, tiers: list[int], fields: set[str]
) -> None:
    status, answer = classify(client, {"text": IN_SCOPE, "tiers": tiers})
    assert status == 200
    assert answer.keys() == fields | ALWAYS
    _, whole = classify(client, {"text": IN_SCOPE})
    said = untimed(answer).keys() - {"recommendation"}
    assert {name: answer[name] for name in said} == {name: whole[name] for name in said}


def test_what_is_out_of_scope_says_so(client: Client) -> None:
    _, answer = classify(client, {"text": OUT_OF_SCOPE})
    assert (answer["in_scope"], answer["low_confidence"], answer["business_category"]) == (
        False,
        True,
        "General",
    )
    assert (answer["specific_problem"], answer["problem_confidence"]) == (None, 0.0)
    assert (answer["automation_category"], answer["automation_percentage"]) == ("NOT_AUTOMATABLE", 0)
    assert answer["recommendation"].startswith("Have a person read it")
    assert Ticket(**answer)


def test_a_text_that_is_not_read_to_its_end_says_so(client: Client) -> None:
    assert classify(client, {"text": "printer " * 200})[1]["truncated"] is False
    status, answer = classify(client, {"text": "printer " * 1_250})
    assert (status, answer["truncated"]) == (200, True)


@pytest.mark.parametrize(
    ("content", "pointer", "words"),
    [
        ({"text": ""}, "/text", "empty"),
        ({"text": " \n"}, "/text", "blank"),
        ({"text": "a\0"}, "/text", "U+0000 at position 1"),
        ({"text": "a" * 10_001}, "/text", "more than 10000 characters"),
        ({"text": "\ud800"}, "/text", "surrogate"),
        ({"text": 5}, "/text", "string"),
        ({"texts": []}, "/texts", "empty"),
        ({"texts": "a"}, "/texts", "list"),
        ({"texts": ["a", None]}, "/texts/1", "string"),
        ({"text": "a", "texts": ["b"]}, "", "either `text`"),
        ({"tiers": [1]}, "", "either `text`"),
        ({"text": "a", "tiers": [4]}, "/tiers/0", "should be 1, 2 or 3"),
        ({"text": "a", "tiers": [1, "2"]}, "/tiers/1", "should be 1, 2 or 3"),
        ({"text": "a", "tiers": [True]}, "/tiers/0", "should be 1, 2 or 3"),
        ({"text": "a", "tiers": []}, "/tiers", "empty: give at least 1"),
        ({"text": "a", "tiers": [2, 2]}, "/tiers", "a tier twice"),
        ({"text": "a", "tiers": [1, 2, 3, 1]}, "/tiers", "at most 3"),
        ({"text": "a", "tiers": 1}, "/tiers", "should be a list"),
        ({"text": "a", "tiers": None}, "/tiers", "should be a list"),
        ({"text": "a", "tier": [1]}, "/tier", "remove it"),
        ({}, "", "either `text`"),
        ([], "", "object"),
    ],
)
def test_bad_input_is_told_by_field(client: Client, content: Any, pointer: str, words: str) -> None:
    status, problem = classify(client, content)
    assert (status, problem["type"]) == (422, "urn:coldframe:problem:invalid-request")
    assert problem["errors"][0]["pointer"] == pointer
    assert words in problem["errors"][0]["detail"]


def test_a_csv_says_the_same(client: Client) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["id", "what they wrote"], *enumerate(TICKETS)])
    form = file_form(file.getvalue().encode(), column="what they wrote")
    answer = client.answer("POST", "/tickets/batch", form, CONTENT_TYPE)
    assert (answer["statusCode"], answer["headers"]["x-rows-scored"]) == (200, str(len(TICKETS)))
    rows = list(csv.DictReader(io.StringIO(answer["body"].removeprefix("\ufeff"), newline="")))
    _, expected = classify(client, {"texts": TICKETS})
    for row, one in zip(rows, expected["predictions"], strict=True):
        assert row["business_category"] == one["business_category"]
        assert row["specific_problem"].removeprefix("'") == (one["specific_problem"] or "")
        assert (row["automation_category"], row["in_scope"]) == (
            one["automation_category"],
            str(one["in_scope"]).lower(),
        )
        assert float(row["similarity"]) == one["similar_problems"][0]["similarity"]
        for name in ("confidence", "sla_hours", "urgency_score", "problem_confidence"):
            assert float(row[name]) == one[name]


def test_a_form_of_so_many_rows_is_taken_and_one_more_goes_to_the_batches(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = limits.TICKETS_UPLOAD_ROWS_MAX_COUNT
    rows = ["text", *["the toner"] * most]
    answer = client.answer("POST", "/tickets/batch", file_form("\n".join(rows).encode()), CONTENT_TYPE)
    assert (answer["statusCode"], answer["headers"]["x-rows-scored"]) == (200, str(most))
    monkeypatch.setattr("coldframe.encoder.Encoder.embed", None)  # told before anything is scored
    form = file_form("\n".join([*rows, "one more"]).encode())
    answer = client.answer("POST", "/tickets/batch", form, CONTENT_TYPE)
    problem = json.loads(answer["body"])
    assert (answer["statusCode"], problem["type"]) == (413, "urn:coldframe:problem:too-large")
    assert problem["detail"] == (
        f"The file has more than {most} rows for tickets: POST /v1/batches takes files of any size."
    )


def logged(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_a_decision_is_written_down_by_its_hash_and_counted(
    client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    _, answer = classify(client, {"text": IN_SCOPE})
    lines = logged(capfd)
    (decision,) = (line for line in lines if line.get("message") == "decision")
    assert decision["text_sha256"] == hashlib.sha256(IN_SCOPE.encode()).hexdigest()
    assert (decision["model"], decision["model_version"]) == ("tickets", "v1.2.0")
    for name in ("business_category", "specific_problem", "confidence", "automation_category"):
        assert decision[name] == answer[name]
    (call,) = (line for line in lines if "_aws" in line)
    assert (call["Items"], call["Predictions_Printing"]) == ([1.0], [1.0])


def test_without_the_first_tier_a_ticket_is_counted_and_its_category_is_not(
    client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    classify(client, {"texts": [IN_SCOPE, OUT_OF_SCOPE], "tiers": [2]})
    lines = logged(capfd)
    decisions = [line for line in lines if line.get("message") == "decision"]
    assert [one["specific_problem"] for one in decisions] == ["Printer jams", ""]
    assert not any("business_category" in one or "automation_category" in one for one in decisions)
    (call,) = (line for line in lines if "_aws" in line)
    assert call["Items"] == [2.0]
    assert not [name for name in call if name.startswith("Predictions_")]


def test_no_text_is_in_the_logs(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    classify(client, {"text": "秘密の文章"})
    classify(client, {"texts": ["秘密の文章"] * 2, "tiers": [2]})
    classify(client, {"text": "秘密の文章" * 3_000, "秘密": 1})
    client.answer("POST", "/tickets/batch", file_form("text\n秘密の文章\n".encode()), CONTENT_TYPE)
    captured = capfd.readouterr()
    assert "decision" in captured.out
    assert "秘密" not in captured.out + captured.err
    assert "\\u79d8" not in captured.out + captured.err


def test_it_is_healthy_and_says_what_it_is(client: Client) -> None:
    assert client.request("GET", "/tickets/healthz")[::2] == (200, {"status": "ok"})
    status, _, health = client.request("GET", "/tickets/health")
    assert (status, health["status"]) == (200, "healthy")
    status, _, info = client.request("GET", "/tickets/model-info")
    assert (status, info["kind"], tuple(info["labels"])) == (200, "knowledge", LABELS)
    assert len(PROBLEMS) == 6


def test_without_a_model_it_is_503(aws: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    status, problem = classify(as_tickets(monkeypatch, aws, bucket), {"text": "a"})
    assert (status, problem["type"]) == (503, "urn:coldframe:problem:model-unavailable")
    assert "publish" in problem["detail"]


def test_a_version_of_another_kind_is_503_and_says_so(
    aws: str, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    def named_tickets(version: str, data: bytes) -> Any:
        return replace(made.manifest(version, data), name="tickets")

    made.published(Store.open(bucket), "v3.0.0", of=named_tickets)
    status, problem = classify(as_tickets(monkeypatch, aws, bucket), {"text": "a"})
    assert (status, problem["type"]) == (503, "urn:coldframe:problem:model-unavailable")
    assert "tickets v3.0.0 is of kind linear-text" in problem["detail"]
    assert "publish such a version" in problem["detail"]
