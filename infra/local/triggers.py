"""What sets a function off without a request: a bucket's notifications, a queue's event source mapping."""

from collections.abc import Iterable, Mapping
from typing import Any

from infra.local.errors import TemplateRefused
from infra.local.names import function_arn, queue_arn
from infra.local.settings import QUEUE_BATCH_COUNT, QUEUE_VISIBILITY_SECONDS
from infra.local.stack import EventSource, Function, Notification, Queue

Properties = Mapping[str, Any]
PARTIAL_FAILURES = "ReportBatchItemFailures"


def read_notifications(logical_id: str, configuration: Properties) -> tuple[Notification, ...]:
    """Read a bucket's NotificationConfiguration; raise TemplateRefused for all but plain ones to queues."""
    check_parts(logical_id, "NotificationConfiguration", configuration, {"QueueConfigurations"})
    queues = configuration.get("QueueConfigurations", [])
    for one in queues:
        check_parts(logical_id, "a QueueConfiguration", one, {"Event", "Queue"})
    return tuple(Notification(one["Event"], one["Queue"]) for one in queues)


def read_event_source(
    logical_id: str, properties: Properties, queues: Iterable[Queue], functions: Iterable[Function]
) -> EventSource | None:
    """Read an AWS::Lambda::EventSourceMapping; None where it is not enabled. Raise TemplateRefused."""
    if not properties.get("Enabled", True):
        return None
    source = EventSource(
        queue=_queue(logical_id, properties.get("EventSourceArn"), queues),
        function=function_of(logical_id, properties["FunctionName"], functions),
        batch_max_count=int(properties.get("BatchSize", QUEUE_BATCH_COUNT)),
        concurrency_max_count=_concurrency(logical_id, properties.get("ScalingConfig", {})),
        partial_failures=properties.get("FunctionResponseTypes", []) == [PARTIAL_FAILURES],
    )
    _check(logical_id, source)
    return source


def _queue(logical_id: str, arn: Any, queues: Iterable[Queue]) -> Queue:
    for queue in queues:
        if queue_arn(queue.name) == arn:
            return queue
    raise TemplateRefused(
        f"{logical_id}: {arn} is not a queue of the template, and the local cloud polls no other source."
    )


def function_of(logical_id: str, given: str, functions: Iterable[Function]) -> Function:
    """Find the function that a name, an ARN or an alias's ARN means; raise TemplateRefused."""
    for function in functions:
        if given == function.name or f"{given}:".startswith(f"{function_arn(function.name)}:"):
            return function
    raise TemplateRefused(f"{logical_id}: {given} is not a function of the template.")


def _concurrency(logical_id: str, scaling: Properties) -> int | None:
    check_parts(logical_id, "ScalingConfig", scaling, {"MaximumConcurrency"})
    count = scaling.get("MaximumConcurrency")
    return None if count is None else int(count)


def _check(logical_id: str, source: EventSource) -> None:
    if not 1 <= source.batch_max_count <= QUEUE_BATCH_COUNT:
        raise TemplateRefused(
            f"{logical_id}: the local cloud serves a BatchSize from 1 to {QUEUE_BATCH_COUNT}."
        )
    if visibility_seconds(source.queue) < source.function.timeout_seconds:
        raise TemplateRefused(
            f"{logical_id}: the queue's VisibilityTimeout is shorter than the function's Timeout, which AWS "
            "refuses: set it to six times the Timeout."
        )


def visibility_seconds(queue: Queue) -> int:
    """Give how long a message that was received stays hidden from others."""
    return int(queue.attributes.get("VisibilityTimeout", QUEUE_VISIBILITY_SECONDS))


def check_parts(logical_id: str, where: str, part: Properties, served: set[str]) -> None:
    """Raise TemplateRefused for a part that is not among those which are served."""
    unknown = sorted(part.keys() - served)
    if unknown:
        raise TemplateRefused(
            f"{logical_id}: the local cloud does not know {', '.join(unknown)} of {where}: take it out."
        )
