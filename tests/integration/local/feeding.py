"""A local cloud whose functions are fed by queues, and what they have taken from them."""

import asyncio
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from infra.local.cloud import LocalCloud
from infra.local.session import local_client

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sqs.client import SQSClient

QUEUED = Path(__file__).with_name("queued")
ONE, MANY = "coldframe-one", "coldframe-many"
INBOX, MANY_INBOX, DEAD = "coldframe-inbox", "coldframe-many", "coldframe-inbox-dead-letter"
WAIT_SECONDS = 20.0
Taken = dict[str, Any]


class Queued:
    """Sends to one cloud's queues and buckets; reads what its functions wrote down."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.cloud, self.folder = cloud, folder
        self.s3: S3Client = local_client("s3", cloud.aws_url)
        self.sqs: SQSClient = local_client("sqs", cloud.aws_url)

    def url(self, queue: str) -> str:
        return self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]

    async def send(self, queue: str, *wishes: dict[str, Any]) -> list[str]:
        """Send messages at once; give their bodies, each of which no other test has."""
        bodies = [json.dumps({"id": uuid.uuid4().hex, **wish}) for wish in wishes]
        entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies)]
        await asyncio.to_thread(
            self.sqs.send_message_batch,
            QueueUrl=self.url(queue),
            Entries=entries,  # type: ignore[arg-type]
        )
        return bodies

    def taken(self, *bodies: str, function: str = ONE) -> list[Taken]:
        """What the function began with, in order; a message that it finished has `ended`."""
        path = self.folder / "take" / f"{function}.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [one for one in map(json.loads, lines) if one["record"]["body"] in bodies]

    def started(self, *bodies: str, function: str = ONE) -> list[Taken]:
        return [one for one in self.taken(*bodies, function=function) if one["ended"] is None]

    def ended(self, *bodies: str, function: str = ONE) -> list[Taken]:
        return [one for one in self.taken(*bodies, function=function) if one["ended"] is not None]

    def s3_events(self, key: str) -> list[dict[str, Any]]:
        """The records that S3 sent of a key."""
        path = self.folder / "take" / f"{ONE}.jsonl"
        lines = map(json.loads, path.read_text().splitlines() if path.exists() else [])
        bodies = [json.loads(one["record"]["body"]) for one in lines if one["ended"] is not None]
        records = [record for body in bodies for record in body.get("Records", [])]
        return [record for record in records if unquote_plus(record["s3"]["object"]["key"]) == key]

    def counts(self, queue: str) -> tuple[int, int]:
        """How many messages of a queue are visible, and how many are not."""
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.url(queue), AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])

    async def until(self, condition: Callable[[], Any]) -> Any:
        """Wait until a condition, which may ask the cloud, gives something; give that."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not (found := await asyncio.to_thread(condition)):
                await asyncio.sleep(0.05)  # asks AWS's endpoint or a file, neither of which can wake us
        return found
