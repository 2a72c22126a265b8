"""SQS messages as Lambda's event, and what the function's answer says of each.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import base64
import json
from collections.abc import Iterable, Mapping, Set
from typing import TYPE_CHECKING, Any

from infra.local.settings import REGION

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageAttributeValueOutputTypeDef, MessageTypeDef


class MalformedBatchAnswer(Exception):
    """Raise when a function's answer does not say which messages have failed; Lambda then fails them all."""


def sqs_event(messages: Iterable["MessageTypeDef"], queue_arn: str) -> dict[str, Any]:
    """Give the event that Lambda hands to a function for messages as ReceiveMessage gives them."""
    return {"Records": [_record(message, queue_arn) for message in messages]}


def _record(message: "MessageTypeDef", queue_arn: str) -> dict[str, Any]:
    attributes = message.get("MessageAttributes", {})
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {name: _attribute(value) for name, value in attributes.items()},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }


def _attribute(value: "MessageAttributeValueOutputTypeDef") -> Mapping[str, Any]:
    attribute: dict[str, Any] = {
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value["DataType"],
    }
    if "StringValue" in value:
        attribute["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        attribute["binaryValue"] = base64.b64encode(value["BinaryValue"]).decode()
    return attribute


def failed_messages(payload: bytes, message_ids: Set[str]) -> Set[str]:
    """Give the ids of the messages that a partial batch response names as failed.

    Nothing (null, an empty object, no list, an empty list) is a success of all. Raises MalformedBatchAnswer
    for what is no response, and for an id that is empty, missing or not of this batch: Lambda then fails all.
    """
    try:
        answer = json.loads(payload or b"null")
    except ValueError as error:
        raise MalformedBatchAnswer("it is not JSON") from error
    if answer is None:
        return frozenset()
    if not isinstance(answer, dict):
        raise MalformedBatchAnswer("it is not an object")
    items = answer.get("batchItemFailures")
    if items is None:
        return frozenset()
    if not isinstance(items, list):
        raise MalformedBatchAnswer("batchItemFailures is not a list")
    return {_failed_message(item, message_ids) for item in items}


def _failed_message(item: Any, message_ids: Set[str]) -> str:
    found = item.get("itemIdentifier") if isinstance(item, dict) else None
    if not isinstance(found, str) or found not in message_ids:
        raise MalformedBatchAnswer("an itemIdentifier is not the messageId of one of its messages")
    return found
