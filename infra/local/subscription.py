"""A log group's lines handed to a function: what CloudWatch Logs does for a subscription filter.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
"""

import asyncio
import base64
import gzip
import json
import logging
from collections import deque
from collections.abc import Sequence
from typing import Any

from infra.local.asynchronous import AsynchronousInvoker
from infra.local.events import encode_event
from infra.local.logs import Line
from infra.local.settings import (
    ACCOUNT_ID,
    LOG_FEED_BATCH_MAX_BYTES,
    LOG_FEED_BATCH_MAX_COUNT,
    LOG_FEED_MAX_COUNT,
    LOG_FEED_WAITS_SECONDS,
)
from infra.local.stack import Subscription

logger = logging.getLogger(__name__)


class LogFeed:
    """Keeps the lines that match a filter until its function has taken them, batch by batch.

    A batch is of one log stream, and comes again when the function fails: at least once. It is lost when the
    function fails as often as there are LOG_FEED_WAITS_SECONDS; new lines are lost while the queue is full.
    Both are counted, and told once the function takes lines again or the local cloud ends. What waits then
    is lost in silence.
    """

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription
        self._lines: deque[Line] = deque()
        self._arrived = asyncio.Event()
        self._lost_count = 0

    @property
    def function(self) -> str:
        return self._subscription.function.name

    async def take(self, lines: Sequence[Line]) -> None:
        """Take those of the lines that the filter lets through; never wait for the function."""
        matching = await asyncio.to_thread(self._matching, lines)
        free_count = LOG_FEED_MAX_COUNT - len(self._lines)
        self._lines.extend(matching[:free_count])
        self._lost_count += len(matching[free_count:])
        if matching:
            self._arrived.set()

    async def run(self, invoker: AsynchronousInvoker) -> None:
        """Hand over what comes until cancelled."""
        try:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                while self._lines:
                    await self._hand_over(self._next_batch(), invoker)
        finally:
            self._tell_lost()

    def _matching(self, lines: Sequence[Line]) -> list[Line]:
        group, pattern = self._subscription.log_group, self._subscription.pattern
        found = [line for line in lines if line.group == group and pattern.matches(line.text)]
        return sorted(found, key=lambda line: line.stream)

    def _next_batch(self) -> list[Line]:
        batch = [self._lines.popleft()]
        size_bytes = len(batch[0].text.encode())
        while self._lines and self._lines[0].stream == batch[0].stream:
            size_bytes += len(self._lines[0].text.encode())
            if len(batch) >= LOG_FEED_BATCH_MAX_COUNT or size_bytes > LOG_FEED_BATCH_MAX_BYTES:
                break
            batch.append(self._lines.popleft())
        return batch

    async def _hand_over(self, batch: Sequence[Line], invoker: AsynchronousInvoker) -> None:
        event = await asyncio.to_thread(lambda: encode_event(awslogs_event(self._subscription, batch)))
        for wait_seconds in LOG_FEED_WAITS_SECONDS:
            await asyncio.sleep(wait_seconds)
            if await invoker.invoke(event):
                self._tell_lost()
                return
        self._lost_count += len(batch)

    def _tell_lost(self) -> None:
        if self._lost_count:
            logger.warning(
                "%d log lines of %s were lost: %s failed on them, or is slower than they come.",
                self._lost_count,
                self._subscription.log_group,
                self.function,
            )
            self._lost_count = 0


def awslogs_event(subscription: Subscription, batch: Sequence[Line]) -> dict[str, Any]:
    """Give the event that CloudWatch Logs makes of lines of one log stream."""
    document = {
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT_ID,
        "logGroup": subscription.log_group,
        "logStream": batch[0].stream,
        "subscriptionFilters": [subscription.filter_name],
        "logEvents": [{"id": one.event_id, "timestamp": one.time_ms, "message": one.text} for one in batch],
    }
    packed = gzip.compress(json.dumps(document, ensure_ascii=False).encode())
    return {"awslogs": {"data": base64.b64encode(packed).decode()}}
