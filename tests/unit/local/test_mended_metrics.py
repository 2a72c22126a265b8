"""What is mended in moto's CloudWatch; what is read of it is in the integration tests."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from moto.cloudwatch.models import MetricAggregatedDatum

from infra.local.mended_metrics import added_up, roll_up

NOON = datetime(2026, 11, 21, 12)
CUT = NOON + timedelta(minutes=3)
PUTS = st.lists(st.tuples(st.integers(0, 300), st.integers(-9, 9), st.booleans()))


def datum(value: float, **other: Any) -> MetricAggregatedDatum:
    statistics = {"min_stat": value, "max_stat": value, "sum_stat": value, "sample_count": 1}
    made: dict[str, Any] = {"namespace": "n", "name": "Items", "timestamp": NOON}
    made["dimensions"] = [{"Name": "service", "Value": "sentiment"}]
    return MetricAggregatedDatum(**made | statistics | other)


def test_statistics_of_one_metric_and_time_are_kept_as_one() -> None:
    kept: dict[Any, Any] = {}
    assert not added_up(datum(2), kept)
    assert added_up(datum(5), kept)
    assert added_up(datum(1), kept)
    assert not added_up(datum(7, timestamp=NOON + timedelta(seconds=1)), kept)
    assert not added_up(datum(7, name="Others"), kept)
    first, *others = kept.values()
    assert (first.sum, first.sample_count, first.min, first.max) == (8, 3, 1, 5)
    assert [one.sum for one in others] == [7, 7]


@given(PUTS)
def test_what_is_old_is_kept_by_the_minute_and_nothing_is_lost(puts: list[tuple[int, int, bool]]) -> None:
    kept: dict[Any, Any] = {}
    data: list[Any] = []
    expected: dict[datetime, list[int]] = {}
    for after_seconds, value, rolls_up in puts:
        time = NOON + timedelta(seconds=after_seconds)
        new = datum(value, timestamp=time)
        data += [] if added_up(new, kept) else [new]
        expected.setdefault(time.replace(second=0) if time < CUT else time, []).append(value)
        if rolls_up:
            roll_up(data, kept, CUT)
    roll_up(data, kept, CUT)
    assert {one.timestamp: (one.sum, one.sample_count, one.min, one.max) for one in data} == {
        time: (sum(values), len(values), min(values), max(values)) for time, values in expected.items()
    }
    assert len(data) == len(expected) == len(kept)
