from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.gateway_responses import GatewayError
from infra.local.settings import Plan
from infra.local.usage import UsageMeter


class Clock:
    def __init__(self) -> None:
        self.seconds, self.day = 1000.0, date(2026, 11, 21)

    def meter(self, plan: Plan) -> Callable[[], None]:
        meter = UsageMeter({"key": plan}, clock=lambda: self.seconds, day=lambda: self.day)
        return lambda: meter.admit("key")


@pytest.mark.parametrize("key", [None, "", "other"])
def test_an_unknown_key_is_refused(key: str | None) -> None:
    with pytest.raises(GatewayError, match="INVALID_API_KEY"):
        UsageMeter({"key": Plan(1, 1, 1)}).admit(key)


def test_burst_then_rate() -> None:
    clock = Clock()
    admit = clock.meter(Plan(rate_per_second=2, burst_count=3, quota_per_day_count=100))
    for _ in range(3):
        admit()
    with pytest.raises(GatewayError, match="THROTTLED"):
        admit()
    clock.seconds += 0.5
    admit()
    with pytest.raises(GatewayError, match="THROTTLED"):
        admit()


def test_quota_starts_anew_on_the_next_day() -> None:
    clock = Clock()
    admit = clock.meter(Plan(rate_per_second=1000, burst_count=1000, quota_per_day_count=2))
    admit()
    admit()
    with pytest.raises(GatewayError, match="QUOTA_EXCEEDED"):
        admit()
    clock.day = date(2026, 11, 22)
    admit()


def test_keys_do_not_share_a_plan() -> None:
    meter = UsageMeter({"a": Plan(1, 1, 10), "b": Plan(1, 1, 10)})
    meter.admit("a")
    meter.admit("b")


@given(st.lists(st.floats(min_value=0, max_value=10), max_size=60))
def test_never_more_than_burst_and_rate_allow(pauses: list[float]) -> None:
    clock = Clock()
    admit = clock.meter(Plan(rate_per_second=1.5, burst_count=4, quota_per_day_count=10_000))
    admitted_count = 0
    for pause in pauses:
        clock.seconds += pause
        try:
            admit()
        except GatewayError:
            continue
        admitted_count += 1
    assert admitted_count <= 4 + 1.5 * sum(pauses) + 1e-6
