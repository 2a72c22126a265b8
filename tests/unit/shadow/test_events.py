"""Events as CloudWatch Logs sends them to a subscribed function, and what is taken of them."""

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldframe.audit import INPUT
from coldframe.shadow.events import Decision, decisions
from tests.handlers import ROOT

EVENT = json.loads((ROOT / "tests/events/cloudwatch-logs.json").read_text("utf-8"))
LINE: dict[str, Any] = {
    "message": "decision",
    "model": "sentiment",
    "model_version": "v1.0.0",
    "label": "positive",
    INPUT: "また買います",
}


def packed(document: object) -> dict[str, Any]:
    data = gzip.compress(json.dumps(document).encode())
    return {"awslogs": {"data": base64.b64encode(data).decode()}}


def event(*messages: str) -> dict[str, Any]:
    """The real event with other lines in it."""
    document = json.loads(gzip.decompress(base64.b64decode(EVENT["awslogs"]["data"])))
    (line,) = document["logEvents"]
    return packed(document | {"logEvents": [line | {"message": one} for one in messages]})


def test_a_decision_with_its_input_is_taken_and_one_without_is_not() -> None:
    assert list(decisions(EVENT)) == []
    assert list(decisions(event(json.dumps(LINE), json.dumps(LINE | {INPUT: ""})))) == [
        Decision("sentiment", "v1.0.0", "また買います", LINE),
        Decision("sentiment", "v1.0.0", "", LINE | {INPUT: ""}),
    ]


@pytest.mark.parametrize(
    "message",
    [
        "CWL CONTROL MESSAGE: Checking health of destination Lambda function.",
        "",
        "null",
        '"decision"',
        '["decision"]',
        '{"message": "decision"',
        "[" * 99_999,
        json.dumps(LINE | {"message": "model loaded"}),
        json.dumps(LINE | {"model": None}),
        json.dumps(LINE | {"model": ["sentiment"]}),
        json.dumps(LINE | {"model_version": None}),
        json.dumps(LINE | {INPUT: 1}),
        json.dumps({"message": "decision", INPUT: "a"}),
    ],
)
def test_foreign_lines_are_passed_over_and_the_next_one_is_not(message: str) -> None:
    assert [one.item for one in decisions(event(message, json.dumps(LINE)))] == [LINE[INPUT]]


@given(st.text())
def test_no_line_is_too_strange(message: str) -> None:
    assert len(list(decisions(event(message, json.dumps(LINE))))) == 1


def damaged() -> list[str]:
    whole = EVENT["awslogs"]["data"]
    raw = bytearray(base64.b64decode(whole))
    raw[len(raw) // 2] ^= 0xFF
    return [
        "",
        whole[:-1],
        whole[: len(whole) // 8 * 4],
        "*" + whole[1:],
        base64.b64encode(b"no gzip").decode(),
        base64.b64encode(bytes(raw)).decode(),
        base64.b64encode(gzip.compress(b"no JSON")).decode(),
    ]


@pytest.mark.parametrize("data", damaged())
def test_damaged_data_are_told_and_never_taken_for_an_empty_event(data: str) -> None:
    with pytest.raises((ValueError, OSError)):
        list(decisions({"awslogs": {"data": data}}))
