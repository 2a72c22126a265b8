"""The queue's side: messages in, and which of them must come again.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import contextlib
import gc
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import boto3

from coldframe import limits
from coldframe.batch.bucket import bounded
from coldframe.batch.drop import Drop
from coldframe.batch.models import Models
from coldframe.batch.notifications import drops, notification
from coldframe.batch.telemetry import report_failure, report_messages, report_run
from coldframe.batch.worker import Worker
from coldframe.store import Store

if TYPE_CHECKING:
    from mangum.types import LambdaContext
    from mypy_boto3_sqs.client import SQSClient

Message = Mapping[str, Any]


@dataclass(frozen=True)
class Consumer:
    """Handles the messages of the inbox's queue."""

    worker: Worker
    sqs: "SQSClient"
    queue_url: str

    @classmethod
    def from_environment(cls) -> Self:
        """Make the consumer that MODEL_BUCKET, RESULTS_BUCKET and INBOX_QUEUE_URL describe."""
        sqs, queue_url = boto3.client("sqs", config=bounded()), os.environ["INBOX_QUEUE_URL"]

        def send_on(drop: Drop) -> None:
            sqs.send_message(QueueUrl=queue_url, MessageBody=notification(drop))

        models = Models(Store.open(os.environ["MODEL_BUCKET"]))
        s3 = boto3.client("s3", config=bounded())
        return cls(Worker(s3, os.environ["RESULTS_BUCKET"], models, send_on), sqs, queue_url)

    def handle(self, event: Mapping[str, Any], context: "LambdaContext") -> dict[str, Any]:
        """Work on every message; return those that failed, so that they alone come again."""

        def remaining_seconds() -> float:
            return context.get_remaining_time_in_millis() / 1e3

        report_messages(len(event["Records"]))
        failed = [message for message in event["Records"] if not self._succeeds(message, remaining_seconds)]
        gc.collect()  # what the calls to AWS have left; it is off while rows are worked on
        return {"batchItemFailures": [{"itemIdentifier": message["messageId"]} for message in failed]}

    def _succeeds(self, message: Message, remaining_seconds: Callable[[], float]) -> bool:
        drop = None
        try:
            for drop in drops(message["body"]):
                report_run(drop, self.worker.work(drop, remaining_seconds))
        except Exception as error:  # noqa: BLE001 - whatever it is, the message comes again or is set aside
            report_failure(drop)
            self._hasten(message, drop, error)
            return False
        return True

    def _hasten(self, message: Message, drop: Drop | None, error: Exception) -> None:
        """Have the message come again soon, not when its long visibility timeout ends; and say why."""
        tries = int(message["attributes"]["ApproximateReceiveCount"])
        seconds = limits.BATCH_RETRY_SECONDS * 2 ** (tries - 1)
        with contextlib.suppress(Exception):  # the message comes again all the same, and the others go on
            self.sqs.change_message_visibility(
                QueueUrl=self.queue_url, ReceiptHandle=message["receiptHandle"], VisibilityTimeout=seconds
            )
            if drop:
                self.worker.tell_failure(drop, str(error))
