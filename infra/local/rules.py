"""What sets a function off and does not wait for its answer: a rule's schedule, a log group's filter."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from infra.local.errors import TemplateRefused
from infra.local.filter_pattern import FilterPattern, PatternNotServed
from infra.local.settings import LOG_GROUP_FILTERS_MAX_COUNT
from infra.local.stack import Function, Schedule, Subscription
from infra.local.triggers import check_parts, function_of

Properties = Mapping[str, Any]
RATE = re.compile(r"rate\(([1-9][0-9]{0,6}) (second|minute|hour|day)(s?)\)")
UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


def read_schedule(logical_id: str, properties: Properties, functions: Iterable[Function]) -> Schedule | None:
    """Read an AWS::Events::Rule; None where it is disabled. Raise TemplateRefused.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    """
    if properties.get("State") == "DISABLED":
        return None
    targets = properties.get("Targets", [])
    if len(targets) != 1:
        raise TemplateRefused(
            f"{logical_id} has {len(targets)} targets: the local cloud serves one of a rule."
        )
    (target,) = targets
    check_parts(logical_id, "a target", target, {"Arn", "Id", "Input"})
    return Schedule(
        rule=properties.get("Name", logical_id),
        function=function_of(logical_id, target["Arn"], functions),
        interval_seconds=_interval_seconds(logical_id, properties.get("ScheduleExpression")),
        fixed_input=_fixed_input(logical_id, target.get("Input")),
    )


def _interval_seconds(logical_id: str, expression: Any) -> int:
    """Read a rate, in EventBridge's units and in seconds, which it does not have: here nobody waits."""
    rate = RATE.fullmatch(str(expression))
    if rate is None or (rate[1] == "1") == bool(rate[3]):
        raise TemplateRefused(
            f"{logical_id}: the local cloud does not know the schedule {expression}: write a rate, such as "
            "rate(1 minute) or rate(5 minutes)."
        )
    return int(rate[1]) * UNIT_SECONDS[rate[2]]


def _fixed_input(logical_id: str, text: str | None) -> str | None:
    try:
        json.loads(text or "null")
    except ValueError as error:
        raise TemplateRefused(f"{logical_id}: its target's Input is not JSON: {error}") from error
    return text


def read_subscription(
    logical_id: str, properties: Properties, functions: Iterable[Function], log_groups: Collection[str]
) -> Subscription:
    """Read an AWS::Logs::SubscriptionFilter; raise TemplateRefused.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
    """
    group = properties["LogGroupName"]
    function = function_of(logical_id, properties["DestinationArn"], functions)
    if group not in log_groups:
        raise TemplateRefused(f"{logical_id}: {group} is not a log group of the template.")
    if group == function.log_group:
        raise TemplateRefused(
            f"{logical_id}: {function.name} writes to {group} itself, so that each delivery would bring the "
            "next: give the function a log group of its own."
        )
    return Subscription(
        filter_name=properties.get("FilterName", logical_id),
        log_group=group,
        function=function,
        pattern=_pattern(logical_id, properties["FilterPattern"]),
    )


def _pattern(logical_id: str, text: str) -> FilterPattern:
    try:
        return FilterPattern.parse(text)
    except PatternNotServed as error:
        raise TemplateRefused(
            f"{logical_id}: the local cloud does not know the filter pattern {text}: leave it empty, or "
            'write { ($.field = "text") && ($.other = "*") }.'
        ) from error


def check_filters(subscriptions: Iterable[Subscription]) -> None:
    """Raise TemplateRefused where a log group has more filters than CloudWatch Logs takes."""
    for group, count in Counter(one.log_group for one in subscriptions).items():
        if count > LOG_GROUP_FILTERS_MAX_COUNT:
            raise TemplateRefused(
                f"{group} has {count} subscription filters: CloudWatch Logs takes "
                f"{LOG_GROUP_FILTERS_MAX_COUNT} of a log group."
            )
