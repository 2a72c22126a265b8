"""A queue feeds a function: what Lambda's event source mapping does with SQS.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html

A message that failed is left alone: its visibility timeout brings it back, and its queue's redrive policy
ends it. moto keeps to both: what has been received maxReceiveCount times goes to the dead-letter queue when
it would be received once more, so as long as somebody polls; a ChangeMessageVisibility by the function counts
from its call, 0 included, and is noticed within QUEUE_WAIT_SECONDS.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.events import encode_event, new_trace_id
from infra.local.function import FunctionPool, Throttled
from infra.local.names import queue_arn, queue_url
from infra.local.runtime_api import Outcome
from infra.local.session import local_client
from infra.local.settings import QUEUE_RETRY_SECONDS, QUEUE_WAIT_SECONDS, Settings
from infra.local.sqs_events import MalformedBatchAnswer, failed_messages, sqs_event
from infra.local.stack import EventSource
from infra.local.triggers import visibility_seconds

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

logger = logging.getLogger(__name__)
Messages = Sequence["MessageTypeDef"]


class EventSourcePoller:
    """Polls one queue and invokes one function with what comes.

    Nothing is received before an environment may take it: what waits in the queue is not hidden from anybody.
    """

    def __init__(self, source: EventSource, pool: FunctionPool, settings: Settings, aws_url: str) -> None:
        self._source, self._pool = source, pool
        self._sqs: SQSClient = local_client("sqs", aws_url)
        self._url = queue_url(aws_url, source.queue.name)
        most = settings.environments_max_count
        self._slots = asyncio.Semaphore(min(source.concurrency_max_count or most, most))
        self._queue_answers = True

    async def run(self) -> None:
        """Poll until cancelled, which also ends what is at work."""
        async with asyncio.TaskGroup() as batches:
            while True:
                await self._slots.acquire()
                messages = await self._receive()
                if messages:
                    batches.create_task(self._take(messages))
                else:
                    self._slots.release()

    async def _receive(self) -> Messages:
        """Give the next messages, or after a while none."""
        try:
            answer = await asyncio.to_thread(
                self._sqs.receive_message,
                QueueUrl=self._url,
                MaxNumberOfMessages=self._source.batch_max_count,
                WaitTimeSeconds=QUEUE_WAIT_SECONDS,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        except (BotoCoreError, ClientError) as error:
            if self._queue_answers:
                logger.warning("The queue %s does not answer: %s", self._source.queue.name, error)
            self._queue_answers = False
            await asyncio.sleep(QUEUE_RETRY_SECONDS)
            return []
        self._queue_answers = True
        return answer.get("Messages", [])

    async def _take(self, messages: Messages) -> None:
        """Have the function handle a batch, and delete what it has handled; whatever fails comes again."""
        try:
            failed = await self._invoke(messages)
            await self._delete([one for one in messages if one["MessageId"] not in failed])
        except Exception:
            logger.exception("Messages of %s come again", self._source.queue.name)
        finally:
            self._slots.release()

    async def _invoke(self, messages: Messages) -> Set[str]:
        """Give the ids of the messages that failed."""
        event = encode_event(sqs_event(messages, queue_arn(self._source.queue.name)))
        message_ids = {message["MessageId"] for message in messages}
        give_up = time.monotonic() + visibility_seconds(self._source.queue)
        while time.monotonic() < give_up:  # later they would be received again while this batch still waits
            try:
                result = await self._pool.invoke(event, str(uuid.uuid4()), new_trace_id())
            except Throttled:
                await asyncio.sleep(QUEUE_RETRY_SECONDS)
            else:
                return self._failed(result.outcome, message_ids)
        return message_ids

    def _failed(self, outcome: Outcome, message_ids: Set[str]) -> Set[str]:
        if outcome.error_type is not None:
            return message_ids
        if not self._source.partial_failures:
            return frozenset()
        try:
            failed = failed_messages(outcome.payload, message_ids)
        except MalformedBatchAnswer as error:
            logger.warning("%s: malformed batch response: %s", self._source.function.name, error)
            return message_ids
        if failed:
            logger.warning(
                "%s: %d of %d messages failed", self._source.function.name, len(failed), len(message_ids)
            )
        return failed

    async def _delete(self, messages: Messages) -> None:
        if not messages:
            return
        answer = await asyncio.to_thread(
            self._sqs.delete_message_batch,
            QueueUrl=self._url,
            Entries=[{"Id": one["MessageId"], "ReceiptHandle": one["ReceiptHandle"]} for one in messages],
        )
        for failure in answer.get("Failed", []):
            logger.warning("A handled message of %s comes again: %s", self._source.queue.name, failure)
