"""Does with each message what it asks for, and writes down each message that it took, in a file beside it."""

import json
import os
import time
from pathlib import Path
from typing import Any

import boto3

sqs = boto3.client("sqs")
taken = Path(__file__).with_name(f"{os.environ['AWS_LAMBDA_FUNCTION_NAME']}.jsonl")


def handler(event: dict[str, Any], context: Any) -> Any:
    started = time.time()
    answer: Any = {"batchItemFailures": []}
    for record in event["Records"]:
        wish = json.loads(record["body"])
        note(record, context.aws_request_id, started)  # before what may end this process
        time.sleep(wish.get("sleep", 0))
        if "retry" in wish:
            hide(record, wish["retry"])
        if wish.get("fail"):
            answer["batchItemFailures"].append({"itemIdentifier": record["messageId"]})
        if wish.get("raise"):
            raise ValueError("as asked")
        answer = wish.get("answer", answer)
        note(record, context.aws_request_id, started, time.time())
    return answer


def hide(record: dict[str, Any], seconds: int) -> None:
    sqs.change_message_visibility(
        QueueUrl=os.environ["QUEUE"], ReceiptHandle=record["receiptHandle"], VisibilityTimeout=seconds
    )


def note(record: dict[str, Any], request_id: str, started: float, ended: float | None = None) -> None:
    line = {"record": record, "request_id": request_id, "started": started, "ended": ended}
    with taken.open("a") as file:
        file.write(json.dumps(line) + "\n")
