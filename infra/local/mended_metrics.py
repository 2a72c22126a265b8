"""Where moto's CloudWatch differs from AWS's in what our functions rely on. Imported by run_aws alone."""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend, Dimension, MetricAggregatedDatum
from moto.core.utils import utcnow

from infra.local.settings import METRICS_SECONDS_KEPT

Kept = dict[Any, MetricAggregatedDatum]


def take_dimensions_in_any_order() -> None:
    """Let a query name dimensions in another order than they were sent in.

    moto sorts both before it compares them, but its order looks at a value here and a name there.
    """
    dimensions: Any = Dimension
    dimensions.__lt__ = lambda one, other: (one.name, one.value) < (other.name, other.value)


def add_metrics_up() -> None:
    """Add statistics up that come for the same metric and time, as CloudWatch does; old ones by the minute.

    moto keeps each that it was ever sent, and every call for figures looks through all of them.
    """
    backends: Any = CloudWatchBackend
    put = backends.put_metric_data
    lock = threading.Lock()
    kept: Kept = {}
    rolled_up = datetime.min

    @wraps(put)
    def put_added_up(backend: Any, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        nonlocal rolled_up
        with lock:
            known_count = len(backend.metric_data)
            put(backend, namespace, metric_data)
            new = backend.metric_data[known_count:]
            backend.metric_data[known_count:] = [one for one in new if not added_up(one, kept)]
            if (minute := _minute(utcnow())) > rolled_up:
                roll_up(backend.metric_data, kept, minute - METRICS_SECONDS_KEPT)
                rolled_up = minute

    backends.put_metric_data = put_added_up
    for name in ("get_metric_data", "get_metric_statistics"):  # or a figure could be read half added up
        setattr(backends, name, _locked(getattr(backends, name), lock))


def added_up(new: Any, kept: Kept) -> bool:
    """Add to the statistics that are kept of this metric and time; False where these are the first."""
    if not isinstance(new, MetricAggregatedDatum):
        return False
    old = kept.setdefault(_key(new), new)
    if old is new:
        return False
    old.sum, old.sample_count = old.sum + new.sum, old.sample_count + new.sample_count
    old.min, old.max = min(old.min, new.min), max(old.max, new.max)
    return True


def roll_up(data: list[Any], kept: Kept, before: datetime) -> None:
    """Keep what is of an earlier time by the minute alone. moto's times are UTC and do not say so."""
    left = []
    for one in data:
        if isinstance(one, MetricAggregatedDatum) and one.timestamp < before:
            kept.pop(_key(one), None)
            one.timestamp = _minute(one.timestamp)
            if added_up(one, kept):
                continue
        left.append(one)
    data[:] = left


def _minute(time: datetime) -> datetime:
    return time.replace(second=0, microsecond=0)


def _key(datum: MetricAggregatedDatum) -> Any:
    dimensions = tuple(sorted((one.name, one.value) for one in datum.dimensions))
    return datum.namespace, datum.name, dimensions, datum.unit, datum.timestamp


def _locked(function: Callable[..., Any], lock: threading.Lock) -> Callable[..., Any]:
    @wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        with lock:
            return function(*arguments, **options)

    return call
