"""Usage plans: a token bucket and a daily quota for each API key.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from infra.local.gateway_responses import GatewayError
from infra.local.settings import Plan


def today() -> date:
    return datetime.now(UTC).date()


class UsageMeter:
    """Counts the requests of every key. `clock` gives seconds, `day` the UTC date."""

    def __init__(
        self,
        plans: Mapping[str, Plan],
        clock: Callable[[], float] = time.monotonic,
        day: Callable[[], date] = today,
    ) -> None:
        self._meters = {key: KeyMeter(plan, clock, day) for key, plan in plans.items()}

    def admit(self, key: str | None) -> None:
        """Count one request; raise GatewayError for an unknown key, or one over its rate or quota."""
        meter = self._meters.get(key or "")
        if meter is None:
            raise GatewayError("INVALID_API_KEY")
        meter.admit()


class KeyMeter:
    def __init__(self, plan: Plan, clock: Callable[[], float], day: Callable[[], date]) -> None:
        self._plan, self._clock, self._day = plan, clock, day
        self._tokens, self._filled_at = float(plan.burst_count), clock()
        self._counted, self._counted_on = 0, day()

    def admit(self) -> None:
        self._refill()
        if self._counted >= self._plan.quota_per_day_count:
            raise GatewayError("QUOTA_EXCEEDED")
        if self._tokens < 1.0:
            raise GatewayError("THROTTLED")
        self._tokens -= 1.0
        self._counted += 1

    def _refill(self) -> None:
        now, day = self._clock(), self._day()
        gained = (now - self._filled_at) * self._plan.rate_per_second
        self._tokens = min(self._plan.burst_count, self._tokens + gained)
        self._filled_at = now
        if day != self._counted_on:
            self._counted, self._counted_on = 0, day
