"""One function's environments: the latest idle one is used again; when all are busy, a new one is started."""

import asyncio
import contextlib
import json
import logging
import time
from dataclasses import dataclass

from infra.local.environment import Environment, NotDelivered
from infra.local.logs import LogShipper
from infra.local.metrics import MetricShipper
from infra.local.runtime_api import Invocation, Outcome, failure
from infra.local.settings import REAP_INTERVAL_SECONDS, Settings
from infra.local.stack import Function

logger = logging.getLogger(__name__)
MESSAGE_MAX_CHARS = 200


class Throttled(Exception):
    """Raise when all of a function's reserved concurrency is in use; Lambda answers 429."""


@dataclass(frozen=True)
class Result:
    outcome: Outcome
    cold: bool


class FunctionPool:
    """Invokes one function.

    Above `environments_max_count`, which is this machine's limit, events wait their turn; above a reserved
    concurrency, which is Lambda's, they are throttled.
    """

    def __init__(
        self, function: Function, settings: Settings, aws_url: str, logs: LogShipper, metrics: MetricShipper
    ) -> None:
        self._function, self._settings, self._aws_url = function, settings, aws_url
        self._logs, self._metrics = logs, metrics
        reserved = function.reserved_concurrency_count
        self._throttles = reserved is not None and reserved <= settings.environments_max_count
        self._slots = asyncio.Semaphore(
            reserved if reserved and self._throttles else settings.environments_max_count
        )
        self._environments: set[Environment] = set()
        self._idle: list[Environment] = []

    @property
    def process_ids(self) -> set[int]:
        return {environment.process_id for environment in self._environments if environment.process_id}

    async def invoke(
        self, event: bytes, request_id: str, trace_id: str, known_error: str | None = None
    ) -> Result:
        """Give what the function answers to one event; raise Throttled.

        An error goes to the console, unless it is of the type that the caller knows the function to have.
        """
        if self._throttles and (self._slots.locked() or self._function.reserved_concurrency_count == 0):
            raise Throttled
        async with self._slots:
            while True:
                invocation = Invocation(event, request_id, trace_id, self._function.timeout_seconds)
                with contextlib.suppress(NotDelivered):
                    result = await self._invoke_once(invocation)
                    if result.outcome.error_type not in (None, known_error):
                        self._tell(result.outcome)
                    return result

    async def reap(self) -> None:
        """End environments that have been idle for long, until cancelled."""
        interval = min(REAP_INTERVAL_SECONDS, self._settings.idle_seconds / 2)
        while True:
            await asyncio.sleep(interval)
            oldest = time.monotonic() - self._settings.idle_seconds
            for environment in [one for one in self._idle if one.idle_since < oldest or not one.alive]:
                self._idle.remove(environment)
                await self._discard(environment)

    async def stop(self) -> None:
        await asyncio.gather(*(self._discard(environment) for environment in tuple(self._environments)))

    async def _invoke_once(self, invocation: Invocation) -> Result:
        environment = self._take_idle()
        cold = environment is None
        if environment is None:
            environment = Environment(self._function, self._aws_url, self._write_log)
            self._environments.add(environment)
        try:
            failed = await environment.start(self._settings.init_max_seconds) if cold else None
            return Result(failed or await environment.invoke(invocation), cold)
        except NotDelivered:
            if not cold:
                raise
            # The next one would do the same: an event is not tried on one new environment after the other.
            return Result(failure("Runtime.ExitError", "Runtime exited after INIT"), cold)
        except BaseException:
            environment.alive = False  # it may still be at work on the event
            raise
        finally:
            await self._put_back(environment)

    def _take_idle(self) -> Environment | None:
        return self._idle.pop() if self._idle else None

    async def _put_back(self, environment: Environment) -> None:
        if environment.alive:
            self._idle.append(environment)
        else:
            await self._discard(environment)

    async def _discard(self, environment: Environment) -> None:
        await environment.stop()
        self._environments.discard(environment)

    def _write_log(self, stream: str, line: str) -> None:
        self._logs.write(self._function.log_group, stream, line)
        self._metrics.write(self._function.name, line)

    def _tell(self, outcome: Outcome) -> None:
        """Say on the console, in one line, what went wrong in a function; its log has all of it."""
        message = ""
        with contextlib.suppress(ValueError, AttributeError):
            message = str(json.loads(outcome.payload).get("errorMessage", ""))
        logger.warning(
            "%s failed: %s: %s", self._function.name, outcome.error_type, message[:MESSAGE_MAX_CHARS]
        )
