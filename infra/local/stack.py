"""What the local cloud serves, as plain objects: the template once expanded, resolved and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.filter_pattern import FilterPattern

JsonSchema = Mapping[str, Any]


@dataclass(frozen=True)
class Function:
    """One Lambda function. `layers` are folders that go on sys.path after `code`."""

    name: str
    code: Path
    handler: str
    variables: Mapping[str, str]
    timeout_seconds: float
    memory_mb: int
    layers: tuple[Path, ...]
    log_group: str
    reserved_concurrency_count: int | None


@dataclass(frozen=True)
class Notification:
    """What a bucket tells a queue; `event` is a type of S3 event, or many, such as s3:ObjectCreated:*."""

    event: str
    queue_arn: str


@dataclass(frozen=True)
class Bucket:
    name: str
    versioned: bool
    notifications: tuple[Notification, ...] = ()


@dataclass(frozen=True)
class Queue:
    """`attributes` are those of SQS's CreateQueue, as strings."""

    name: str
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class EventSource:
    """A queue that feeds a function. `concurrency_max_count` is None where the template names none."""

    queue: Queue
    function: Function
    batch_max_count: int
    concurrency_max_count: int | None
    partial_failures: bool


@dataclass(frozen=True)
class Schedule:
    """A rule that invokes a function at regular times; `fixed_input` is JSON, in the place of the event."""

    rule: str
    function: Function
    interval_seconds: int
    fixed_input: str | None


@dataclass(frozen=True)
class Subscription:
    """A filter that hands the lines of a log group to a function."""

    filter_name: str
    log_group: str
    function: Function
    pattern: FilterPattern


@dataclass(frozen=True)
class FixedAnswer:
    """What a mock integration answers (SAM's CORS preflight is one)."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Route:
    """One method of one resource. `target` is a function's name or a fixed answer."""

    method: str
    path: str
    target: str | FixedAnswer
    key_required: bool
    models: Mapping[str, JsonSchema]


@dataclass(frozen=True)
class GatewayResponse:
    """How a type of gateway response is written; `headers` are mapping expressions."""

    status: int | None
    headers: Mapping[str, str]
    templates: Mapping[str, str]


@dataclass(frozen=True)
class Api:
    stage: str
    routes: tuple[Route, ...]
    binary_types: frozenset[str]
    responses: Mapping[str, GatewayResponse]


@dataclass(frozen=True)
class Stack:
    functions: tuple[Function, ...]
    buckets: tuple[Bucket, ...]
    queues: tuple[Queue, ...]
    event_sources: tuple[EventSource, ...]
    schedules: tuple[Schedule, ...]
    subscriptions: tuple[Subscription, ...]
    log_groups: tuple[str, ...]
    api: Api
