"""template.yaml → Stack. What the local cloud does not do is refused here, before anything is started."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from infra.local.errors import TemplateRefused
from infra.local.expand import LOCAL_CODE, expand
from infra.local.intrinsics import Resolver
from infra.local.names import Names
from infra.local.openapi import read_api
from infra.local.rules import check_filters, read_schedule, read_subscription
from infra.local.secrets import resolve_secrets
from infra.local.settings import FUNCTION_MEMORY_MB, FUNCTION_TIMEOUT_SECONDS
from infra.local.stack import Bucket, Function, Queue, Stack
from infra.local.supported import LEFT_OUT_PROPERTIES, LEFT_OUT_TYPES, SERVED
from infra.local.triggers import read_event_source, read_notifications

Properties = Mapping[str, Any]
Read = TypeVar("Read")


def read_template(
    path: Path, parameters: Mapping[str, str], aws_url: str, secrets: Mapping[str, str]
) -> Stack:
    """Read a SAM template as the local cloud serves it.

    Code folders are found beside the template. Raises TemplateRefused, naming the resource and the fix, for
    whatever is not served locally.
    """
    return TemplateReader(expand(path, parameters), parameters, path.parent, aws_url, secrets).stack()


class TemplateReader:
    """Reads an expanded template, resource by resource."""

    def __init__(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
        folder: Path,
        aws_url: str,
        secrets: Mapping[str, str],
    ) -> None:
        self._folder, self._secrets = folder, secrets
        self._names = Names(template["Resources"], aws_url, lambda node: self._resolver.value(node))
        self._resolver = Resolver(template, parameters, self._names.ref, self._names.attribute)
        self._resources = {
            logical_id: resource
            for logical_id, resource in template["Resources"].items()
            if "Condition" not in resource or self._resolver.condition(resource["Condition"])
        }

    def stack(self) -> Stack:
        for logical_id, resource in self._resources.items():
            check_supported(logical_id, resource)
        stage = self._one("AWS::ApiGateway::Stage", lambda _, properties: str(properties["StageName"]))
        functions = tuple(self._all("AWS::Lambda::Function", self._function))
        queues = tuple(self._all("AWS::SQS::Queue", self._queue))
        groups = tuple(self._all("AWS::Logs::LogGroup", lambda logical_id, _: self._names.name(logical_id)))
        log_groups = {*groups, *(function.log_group for function in functions)}
        feed = partial(read_event_source, queues=queues, functions=functions)
        tick = partial(read_schedule, functions=functions)
        subscribe = partial(read_subscription, functions=functions, log_groups=log_groups)
        subscriptions = tuple(self._all("AWS::Logs::SubscriptionFilter", subscribe))
        check_filters(subscriptions)
        return Stack(
            functions=functions,
            buckets=tuple(self._all("AWS::S3::Bucket", self._bucket)),
            queues=queues,
            event_sources=tuple(self._enabled("AWS::Lambda::EventSourceMapping", feed)),
            schedules=tuple(self._enabled("AWS::Events::Rule", tick)),
            subscriptions=subscriptions,
            log_groups=tuple(sorted(log_groups)),
            api=self._one(
                "AWS::ApiGateway::RestApi",
                lambda logical_id, properties: read_api(logical_id, properties, stage, functions),
            ),
        )

    def _enabled(self, kind: str, read: Callable[[str, Properties], Read | None]) -> Iterator[Read]:
        return (one for one in self._all(kind, read) if one is not None)

    def _all(self, kind: str, read: Callable[[str, Properties], Read]) -> Iterator[Read]:
        for logical_id, resource in self._resources.items():
            if resource["Type"] == kind:
                yield read(logical_id, self._served_properties(kind, resource))

    def _one(self, kind: str, read: Callable[[str, Properties], Read]) -> Read:
        found = tuple(self._all(kind, read))
        if len(found) != 1:
            raise TemplateRefused(
                f"The template has {len(found)} {kind}: the local cloud serves exactly one."
            )
        return found[0]

    def _served_properties(self, kind: str, resource: Mapping[str, Any]) -> Properties:
        declared = resource.get("Properties", {})
        served: Properties = self._resolver.value({k: v for k, v in declared.items() if k in SERVED[kind]})
        return served

    def _function(self, logical_id: str, properties: Properties) -> Function:
        name = self._names.name(logical_id)
        logging = properties.get("LoggingConfig", {})
        variables = string_values(properties.get("Environment", {}).get("Variables", {}))
        return Function(
            name=name,
            code=self._code(logical_id, properties["Code"]),
            handler=properties["Handler"],
            variables=log_variables(logging)
            | {key: resolve_secrets(value, self._secrets) for key, value in variables.items()},
            timeout_seconds=float(properties.get("Timeout", FUNCTION_TIMEOUT_SECONDS)),
            memory_mb=int(properties.get("MemorySize", FUNCTION_MEMORY_MB)),
            layers=tuple(self._layer(logical_id, layer) for layer in properties.get("Layers", ())),
            log_group=logging.get("LogGroup", f"/aws/lambda/{name}"),
            reserved_concurrency_count=properties.get("ReservedConcurrentExecutions"),
        )

    def _layer(self, function_id: str, layer_id: str) -> Path:
        layer = self._resources.get(layer_id, {})
        if layer.get("Type") != "AWS::Lambda::LayerVersion":
            raise TemplateRefused(
                f"{function_id}: layer {layer_id} is not in the template: add it as a folder."
            )
        folder = self._code(layer_id, layer["Properties"]["Content"])
        return folder / "python" if (folder / "python").is_dir() else folder

    def _code(self, logical_id: str, code: Properties) -> Path:
        key = code.get("S3Key")
        if code.get("S3Bucket") != LOCAL_CODE.removeprefix("s3://").rstrip("/") or not isinstance(key, str):
            raise TemplateRefused(f"{logical_id}: its code must be a folder beside the template.")
        folder = (self._folder / key).resolve()
        if not folder.is_dir():
            raise TemplateRefused(
                f"{logical_id}: there is no folder {folder}: correct CodeUri or ContentUri."
            )
        return folder

    def _bucket(self, logical_id: str, properties: Properties) -> Bucket:
        versioning = properties.get("VersioningConfiguration", {})
        return Bucket(
            self._names.name(logical_id),
            versioned=versioning.get("Status") == "Enabled",
            notifications=read_notifications(logical_id, properties.get("NotificationConfiguration", {})),
        )

    def _queue(self, logical_id: str, properties: Properties) -> Queue:
        attributes = {name: value for name, value in properties.items() if name != "QueueName"}
        return Queue(self._names.name(logical_id), string_values(attributes))


def check_supported(logical_id: str, resource: Mapping[str, Any]) -> None:
    """Raise TemplateRefused for a type or a property that is neither served nor left out for a reason."""
    kind = resource["Type"]
    if kind in LEFT_OUT_TYPES:
        return
    if kind not in SERVED:
        raise TemplateRefused(
            f"{logical_id} is an {kind}, which the local cloud does not serve: take it out of the template, "
            "or name it in infra/local/supported.py with the reason why it may be left out."
        )
    known = SERVED[kind] | LEFT_OUT_PROPERTIES[kind].keys()
    unknown = sorted(resource.get("Properties", {}).keys() - known)
    if unknown:
        raise TemplateRefused(
            f"{logical_id}: the local cloud does not know {', '.join(unknown)} of an {kind}: take it out of "
            "the template, or name it in infra/local/supported.py with the reason why it may be left out."
        )


def log_variables(logging: Properties) -> dict[str, str]:
    """Give what Lambda's logging configuration puts into a function's environment."""
    names = {"LogFormat": "AWS_LAMBDA_LOG_FORMAT", "ApplicationLogLevel": "AWS_LAMBDA_LOG_LEVEL"}
    return {names[key]: value for key, value in logging.items() if key in names}


def string_values(values: Properties) -> dict[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
