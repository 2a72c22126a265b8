import json
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.sqs_events import MalformedBatchAnswer, failed_messages, sqs_event

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

ARN = "arn:aws:sqs:us-east-1:123456789012:coldframe-inbox"
ATTRIBUTES = {"ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183"}
MESSAGE: "MessageTypeDef" = {
    "MessageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
    "ReceiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
    "Body": "テスト",
    "MD5OfBody": "5c39f74d2d4a1d0fd8f4ec5b0e4f2d6c",
    "Attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183"},
    "MessageAttributes": {
        "a": {"DataType": "String", "StringValue": "b"},
        "c": {"DataType": "Binary", "BinaryValue": b"\xff\x00"},
    },
}
IDS = {"a", "b", "c"}


def response(*identifiers: Any) -> Any:
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


def test_a_message_is_a_record_as_lambda_writes_it() -> None:
    (record,) = sqs_event([MESSAGE], ARN)["Records"]
    assert record == {
        "messageId": MESSAGE["MessageId"],
        "receiptHandle": MESSAGE["ReceiptHandle"],
        "body": "テスト",
        "attributes": ATTRIBUTES,
        "messageAttributes": {
            "a": {"stringValue": "b", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
            "c": {
                "binaryValue": "/wA=",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "Binary",
            },
        },
        "md5OfBody": MESSAGE["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN,
        "awsRegion": "us-east-1",
    }


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": None}, {"batchItemFailures": []}])
def test_nothing_said_is_a_success_of_all(answer: Any) -> None:
    assert failed_messages(json.dumps(answer).encode(), IDS) == set()
    assert failed_messages(b"", IDS) == set()


def test_what_is_named_has_failed_alone_and_once() -> None:
    assert failed_messages(json.dumps(response("a", "c", "a")).encode(), IDS) == {"a", "c"}


@pytest.mark.parametrize(
    "answer",
    [
        response("unknown"),
        response("a", ""),
        response(None),
        response(1),
        response(["a"]),
        {"batchItemFailures": [{"messageId": "a"}]},
        {"batchItemFailures": ["a"]},
        {"batchItemFailures": {"itemIdentifier": "a"}},
        ["a"],
        "a",
        0,
    ],
)
def test_a_malformed_answer_says_what_is_wrong(answer: Any) -> None:
    with pytest.raises(MalformedBatchAnswer, match="not"):
        failed_messages(json.dumps(answer).encode(), IDS)


@pytest.mark.parametrize("payload", [b"{", b"\xff", b"failed: a"])
def test_an_answer_that_is_not_json_is_malformed(payload: bytes) -> None:
    with pytest.raises(MalformedBatchAnswer, match="JSON"):
        failed_messages(payload, IDS)
