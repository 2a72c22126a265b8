"""The inbox, the results, the models and the queue of a test, and the delivery of the queue's messages."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.config import Config

from coldframe.batch.bucket import Bucket, bounded
from coldframe.batch.consumer import Consumer
from coldframe.batch.drop import Drop
from coldframe.batch.models import Models
from coldframe.batch.notifications import notification
from coldframe.batch.worker import Worker
from coldframe.store import Store
from coldframe.telemetry import observed
from tests import made
from tests.integration.batch.faults import Faults, Killed

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sqs.client import SQSClient

AGES = 900.0  # seconds that a run is given where its end is not what is tested
DELIVERIES_MAX_COUNT = 200
ONE_TRY = Config(retries={"mode": "standard", "total_max_attempts": 1})
_numbers = itertools.count()


@dataclass
class RunsOut:
    """A context whose time runs out after so many looks at it; the first is the one at the start."""

    steps: int | None = None
    looks: int = 0
    function_name: str = "coldframe-batch"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:coldframe-batch"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> float:
        self.looks += 1
        return AGES * 1e3 if self.steps is None or self.looks <= self.steps else 0.0


@dataclass
class Cloud:
    """One results bucket and one queue, both new; inbox and models may be shared."""

    s3: "S3Client"
    sqs: "SQSClient"
    models: str
    inbox: str
    faults: Faults = field(default_factory=Faults)
    consumer: Consumer = field(init=False)
    results: str = field(init=False)
    queue_url: str = field(init=False)

    @classmethod
    def create(cls, versioned: bool = True) -> Self:
        s3 = boto3.client("s3")
        names = [f"{what}-{next(_numbers)}" for what in ("models", "inbox")]
        for name in names:
            s3.create_bucket(Bucket=name)
        if versioned:
            s3.put_bucket_versioning(Bucket=names[1], VersioningConfiguration={"Status": "Enabled"})
        made.published(Store.open(names[0]), "v1.0.0")
        return cls(s3, boto3.client("sqs"), names[0], names[1])

    def __post_init__(self) -> None:
        self.results = f"results-{next(_numbers)}"
        self.s3.create_bucket(Bucket=self.results)
        self.queue_url = self.sqs.create_queue(QueueName=self.results)["QueueUrl"]
        self.renew()

    def renew(self) -> None:
        """Take a consumer that has no model open and whose calls are watched."""
        s3, sqs, queue_url = (
            boto3.client("s3", config=bounded()),
            boto3.client("sqs", config=ONE_TRY),
            self.queue_url,
        )

        def send_on(drop: Drop) -> None:
            sqs.send_message(QueueUrl=queue_url, MessageBody=notification(drop))

        self.faults.watch(s3)
        self.faults.watch(sqs)
        self.visibilities: list[int] = []
        sqs.meta.events.register("before-parameter-build.sqs.ChangeMessageVisibility", self._note)
        worker = Worker(s3, self.results, Models(Store.open(self.models)), send_on)
        self.consumer = Consumer(worker, sqs, queue_url)

    def _note(self, params: dict[str, Any], **_: object) -> None:
        """Note the seconds after which the consumer has a failed message come again."""
        self.visibilities.append(params["VisibilityTimeout"])

    def again(self) -> "Cloud":
        """The same inbox and models with nothing done yet."""
        return Cloud(self.s3, self.sqs, self.models, self.inbox, self.faults)

    def drop(self, key: str, data: bytes, metadata: dict[str, str] | None = None) -> Drop:
        """Put a file into the inbox."""
        put = self.s3.put_object(Bucket=self.inbox, Key=key, Body=data, Metadata=metadata or {})
        return Drop(self.inbox, key, put.get("VersionId", "null"), put["ETag"].strip('"'))

    def send(self, body: str) -> None:
        self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=body)

    def announce(self, drop: Drop) -> None:
        """Send what S3 sends when a file is dropped."""
        self.send(notification(drop).replace("ObjectCreated:Continue", "ObjectCreated:Put"))

    def deliver(self, context: RunsOut | None = None, count: int = 1) -> tuple[list[Any], list[str]] | None:
        """Deliver up to `count` messages, as Lambda does: give them and the ids of the failed; None if none.

        What fails, or whose worker is killed, is visible again at once.
        """
        records = self.receive(count)
        if not records:
            return None
        try:
            answer = observed(self.consumer.handle)({"Records": records}, context or RunsOut())  # type: ignore[arg-type]
            failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
        except Killed:
            self.show(records)
            raise
        for record in records:
            if record["messageId"] not in failed:
                self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=record["receiptHandle"])
        self.show([record for record in records if record["messageId"] in failed])
        return records, failed

    def receive(self, count: int = 1) -> list[dict[str, Any]]:
        """Take messages, in the form in which Lambda gives them to a function."""
        found = self.sqs.receive_message(
            QueueUrl=self.queue_url,
            MaxNumberOfMessages=count,
            VisibilityTimeout=900,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
            }
            for message in found.get("Messages", [])
        ]

    def show(self, records: list[dict[str, Any]]) -> None:
        for record in records:
            self.sqs.change_message_visibility(
                QueueUrl=self.queue_url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=0
            )

    def work_off(self, steps: Callable[[], RunsOut] = RunsOut) -> int:
        """Deliver messages until there is none; give the number of deliveries."""
        for number in range(DELIVERIES_MAX_COUNT):
            if self.deliver(steps()) is None:
                return number
        raise AssertionError(f"still messages after {DELIVERIES_MAX_COUNT} deliveries")

    def finals(self, drop: Drop) -> dict[str, bytes]:
        """Rejects, result and report, as far as they are there, in the order in which they are written."""
        bucket = Bucket(self.s3, self.results)
        keys = {"rejects": drop.rejected_key, "result": drop.result_key, "report": drop.report_key}
        found = {name: bucket.get(key, 1 << 30) for name, key in keys.items()}
        return {name: stored.data for name, stored in found.items() if stored}

    def progress(self, drop: Drop) -> dict[str, Any]:
        stored = Bucket(self.s3, self.results).get(drop.progress_key, 1 << 20)
        assert stored
        return dict(json.loads(stored.data))

    def report(self, drop: Drop) -> dict[str, Any]:
        return dict(json.loads(self.finals(drop)["report"]))


def parallel(cloud: Cloud, send_on: Callable[[Drop], None]) -> Consumer:
    """Another consumer of the same cloud, with clients and models of its own."""
    worker = replace(
        cloud.consumer.worker,
        s3=boto3.client("s3", config=bounded()),
        models=Models(Store.open(cloud.models)),
        send_on=send_on,
    )
    return replace(cloud.consumer, worker=worker)


def assert_nothing_half_written(found: dict[str, bytes], whole: dict[str, bytes]) -> None:
    """Each file is absent or whole; none is there before what comes before it."""
    assert list(found) == list(whole)[: len(found)]
    assert all(found[name] == whole[name] for name in found)
