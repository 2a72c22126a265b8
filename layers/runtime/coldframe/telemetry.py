"""What a function says of itself: log lines, and metrics in CloudWatch's embedded metric format on stdout."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from coldframe.slot import LoadEvent, ModelSlot

if TYPE_CHECKING:
    from mangum.types import LambdaContext

logger = Logger()
metrics = Metrics()

Handler = Callable[[dict[str, Any], "LambdaContext"], dict[str, Any]]


def observed(handler: Handler) -> Handler:
    """Put the request's id into every log line, and write the metrics out when the handler returns."""
    logged = logger.inject_lambda_context(metrics.log_metrics(handler, capture_cold_start_metric=True))
    return cast(Handler, logged)


@contextmanager
def predicting(items: int) -> Iterator[None]:
    """Measure a prediction of so many items."""
    start = time.perf_counter()
    yield
    metrics.add_metric("PredictMs", MetricUnit.Milliseconds, (time.perf_counter() - start) * 1e3)
    metrics.add_metric("Items", MetricUnit.Count, items)


def count_answer(status: int) -> None:
    """Count a request, and an error if it ended in one."""
    metrics.add_metric("Requests", MetricUnit.Count, 1)
    if status >= 400:
        name = "ClientErrors" if status < 500 else "ServerErrors"
        metrics.add_metric(name, MetricUnit.Count, 1)


def count_rows(scored: int, rejected: int) -> None:
    """Count the rows of a file."""
    metrics.add_metric("RowsScored", MetricUnit.Count, scored)
    metrics.add_metric("RowsRejected", MetricUnit.Count, rejected)


def report_loads(slot: ModelSlot) -> None:
    """Report what was loaded, or was not, since the last call."""
    while slot.events:
        _report_load(slot.name, slot.events.popleft())


def _report_load(name: str, event: LoadEvent) -> None:
    fields = {"model": name, "model_version": event.version, "stages_ms": dict(event.stages_ms)}
    if event.problem is not None:
        metrics.add_metric("LoadFailures", MetricUnit.Count, 1)
        logger.error("model not loaded", extra={**fields, "problem": event.problem})
        return
    for stage, ms in event.stages_ms.items():
        metrics.add_metric(f"Load{stage.title()}Ms", MetricUnit.Milliseconds, ms)
    logger.info("model loaded", extra=fields)
