"""A rule's schedule: what EventBridge does at regular times.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
"""

import asyncio
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from infra.local.asynchronous import AsynchronousInvoker
from infra.local.events import encode_event
from infra.local.function import FunctionPool
from infra.local.settings import ACCOUNT_ID, REGION
from infra.local.stack import Schedule


class Ticker:
    """Invokes a function at each tick, the first one interval after the start.

    A tick that finds the function busy with the last one waits; those that fall due meanwhile are left out,
    where Lambda would start further environments. A tick that fails is not tried again: the next one is near.
    """

    def __init__(self, schedule: Schedule, pool: FunctionPool) -> None:
        self._schedule, self._invoker = schedule, AsynchronousInvoker(pool)

    async def run(self) -> None:
        """Tick until cancelled."""
        due = time.monotonic() + self._schedule.interval_seconds
        while True:
            await asyncio.sleep(due - time.monotonic())
            await self._invoker.invoke(self._event())
            due = max(due + self._schedule.interval_seconds, time.monotonic())

    def _event(self) -> bytes:
        if self._schedule.fixed_input is not None:
            return self._schedule.fixed_input.encode()
        return encode_event(scheduled_event(self._schedule.rule, datetime.now(UTC)))


def scheduled_event(rule: str, at: datetime) -> dict[str, Any]:
    """Give the event that EventBridge makes for a tick of a rule."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT_ID,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT_ID}:rule/{rule}"],
        "detail": {},
    }
