"""A function invoked by what does not wait for its answer.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
"""

import asyncio
import logging
import uuid

from infra.local.events import new_trace_id
from infra.local.function import FunctionPool, Throttled
from infra.local.settings import THROTTLED_RETRY_SECONDS

logger = logging.getLogger(__name__)


class AsynchronousInvoker:
    """Hands events to a function, one after the other.

    An event waits while the function is throttled. An error goes to the console when it begins, not again as
    long as it goes on. Lambda tries a failed event twice more; here that is the caller's to do.
    """

    def __init__(self, pool: FunctionPool) -> None:
        self._pool = pool
        self._error: str | None = None

    async def invoke(self, event: bytes) -> bool:
        """Say whether the function has handled the event."""
        while True:
            try:
                result = await self._pool.invoke(event, str(uuid.uuid4()), new_trace_id(), self._error)
            except Throttled:
                await asyncio.sleep(THROTTLED_RETRY_SECONDS)
            except Exception:  # whatever it is: the next event may fare better
                logger.exception("A function could not be invoked")
                return False
            else:
                self._error = result.outcome.error_type
                return self._error is None
