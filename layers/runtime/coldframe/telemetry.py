"""What a function says of itself: log lines, and metrics in CloudWatch's embedded metric format on stdout."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.base import SingleMetric

from coldframe.loading import LoadedModel
from coldframe.metrics import names
from coldframe.slot import LoadEvent, ModelSlot
from coldframe.traffic import Call

if TYPE_CHECKING:
    from mangum.types import LambdaContext

logger = Logger()
metrics = Metrics()

Handler = Callable[[dict[str, Any], "LambdaContext"], dict[str, Any]]


def observed(handler: Handler) -> Handler:
    """Put the request's id into every log line, and write the metrics out, in one line, when it returns."""
    cold = True

    def counted(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
        nonlocal cold
        if cold:
            cold = False
            count(names.COLD_STARTS)
        return handler(event, context)

    return cast(Handler, logger.inject_lambda_context(metrics.log_metrics(counted)))


def count(name: str, number: float = 1) -> None:
    """Add to a count; a line says nothing of what there was none of."""
    if number:
        metrics.add_metric(name, MetricUnit.Count, number)


def count_request(status: int, ms: float) -> None:
    """Count an answer with this status, and the time that it took."""
    count(names.of_status(status))
    count(names.of_latency(ms))
    metrics.add_metric(names.LATENCY_MS, MetricUnit.Milliseconds, ms)


def count_by_version(call: Call) -> None:
    """While versions are watched, have all that this call counted stand under its version too."""
    if call.by_version and call.model is not None:
        metrics.add_dimensions(**_version(call.model.manifest.name, call.model.manifest.version))


def count_failure(model: LoadedModel) -> None:
    """Count a request that the challenger failed on, and nothing else of it: the champion answers it anew."""
    metrics.clear_metrics()
    count_of_version(names.FAILURES, 1, model.manifest.name, model.manifest.version)


def count_of_version(metric: str, number: float, model: str, version: str) -> None:
    """Count for one version, in a line of its own: all metrics of a line have the same dimensions."""
    if number:
        one = SingleMetric(service="")  # which would be a further dimension
        one.add_metric(metric, MetricUnit.Count, number)
        for name, value in _version(model, version).items():
            one.add_dimension(name, value)
        sys.stdout.write(json.dumps(one.serialize_metric_set()) + "\n")


def count_predictions(labels: tuple[str, ...], predicted: Iterable[str]) -> None:
    """Count predictions by label; `labels` are all that the model knows, in its order."""
    of_label = names.of_labels(labels)
    by_name = Counter(of_label.get(label, names.OTHER_PREDICTIONS) for label in predicted)
    count(names.ITEMS, by_name.total())
    for name, number in by_name.items():
        count(name, number)


def count_items(items: int) -> None:
    """Count answers that have no label."""
    count(names.ITEMS, items)


def count_fallbacks(items: int) -> None:
    """Count answers that were given without a model."""
    count(names.ITEMS, items)
    count(names.FALLBACKS, items)


def count_rows(scored: int, rejected: int) -> None:
    """Count rows of a CSV."""
    count(names.ROWS_SCORED, scored)
    count(names.ROWS_REJECTED, rejected)


def report_loads(slot: ModelSlot) -> None:
    """Report what was loaded, or was not, since the last call."""
    while slot.events:
        _report_load(slot.name, slot.events.popleft())


def _report_load(name: str, event: LoadEvent) -> None:
    fields = {"model": name, "model_version": event.version, "stages_ms": dict(event.stages_ms)}
    if event.problem is not None:
        count(names.LOAD_FAILURES)
        if event.version is not None:
            count_of_version(names.NOT_OPENED, 1, name, event.version)
        logger.error("model not loaded", extra={**fields, "problem": event.problem})
        return
    count(names.LOADS)
    metrics.add_metric(names.LOAD_MS, MetricUnit.Milliseconds, sum(event.stages_ms.values()))
    logger.info("model loaded", extra=fields)


def _version(model: str, version: str) -> dict[str, str]:
    return {names.MODEL: model, names.MODEL_VERSION: version}
