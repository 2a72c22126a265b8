"""What watches versions on trial: when it runs, what it may do, and the shadow that inputs are scored in."""

from typing import Any

from tests.endpoints import NAMES
from tests.template.expansion import Json, deployed, expand, resources, source


def test_the_guardian_comes_round_every_minute() -> None:
    (rule,) = resources(expand(), "AWS::Events::Rule").values()
    assert rule["ScheduleExpression"] == {"Ref": "GuardianSchedule"}
    assert source()["Parameters"]["GuardianSchedule"]["Default"] == "rate(1 minute)"
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Ref": "GuardianFunctionAliaslive"}


def test_the_guardian_changes_aliases_and_nothing_else(template: Json) -> None:
    assert writable(template, "GuardianRole") == [
        {"Fn::Sub": "${ModelBucket.Arn}/models/*/aliases.json"},
        {"Fn::Sub": "${ModelBucket.Arn}/models/*/history/*"},
    ]


def test_the_guardian_has_every_setting_and_their_defaults_agree() -> None:
    from coldframe.guardian.settings import Settings

    variables = source()["Resources"]["GuardianFunction"]["Properties"]["Environment"]["Variables"]
    parameters = source()["Parameters"]
    given = {
        name: str(parameters[reference["Ref"]]["Default"])
        for name, reference in variables.items()
        if name.startswith("GUARDIAN_")
    }
    assert Settings.from_environment(given) == Settings.from_environment({})
    assert {name.removeprefix("GUARDIAN_").lower() for name in given} == set(Settings.__dataclass_fields__)


def test_inputs_are_logged_and_scored_in_the_shadow_only_where_that_is_asked_for() -> None:
    off, on = deployed(), deployed(LogInputs="on")
    assert not resources(off, "AWS::Logs::SubscriptionFilter")
    assert "ShadowFunction" not in resources(off, "AWS::Lambda::Function")
    filters = resources(on, "AWS::Logs::SubscriptionFilter").values()
    answering = {f"{name.capitalize()}LogGroup" for name in (*NAMES, "inference")}
    assert {one["LogGroupName"] for one in filters} == answering
    for stack, choice in ((off, "off"), (on, "on")):
        for function in resources(stack, "AWS::Lambda::Function").values():
            assert function["Environment"]["Variables"]["LOG_INPUTS"] == choice


def test_a_window_is_of_whole_minutes() -> None:
    """CloudWatch has no shorter periods of a function's own metrics: the guardian would see nothing."""
    allowed = source()["Parameters"]["GuardianWindowSeconds"]["AllowedValues"]
    assert 300 in allowed
    assert not any(seconds % 60 for seconds in allowed)


def test_what_the_shadow_has_no_concurrency_for_is_dropped_soon() -> None:
    stack = deployed(LogInputs="on")
    (waiting,) = resources(stack, "AWS::Lambda::EventInvokeConfig").values()
    assert (waiting["FunctionName"], waiting["Qualifier"]) == ("ShadowFunction", "live")
    assert waiting["MaximumEventAgeInSeconds"] <= 300
    assert "ReservedConcurrentExecutions" not in stack["Resources"]["ShadowFunction"]["Properties"]


def test_the_shadow_writes_nothing(template: Json) -> None:
    assert writable(template, "ShadowRole") == []


def test_a_stack_follows_the_aliases_of_its_environment() -> None:
    for environment, followed in (("dev", "production"), ("staging", "staging"), ("prod", "production")):
        stack = deployed(Environment=environment)
        assert stack["Outputs"]["ModelEnvironment"]["Value"] == followed
        for function in resources(stack, "AWS::Lambda::Function").values():
            assert function["Environment"]["Variables"]["MODEL_ENVIRONMENT"] == followed


def writable(template: Json, role: str) -> list[Any]:
    """What a role may write to in S3."""
    statements = [
        statement
        for policy in resources(template, "AWS::IAM::Role")[role]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "s3:PutObject" in statement["Action"]
    ]
    return [one for statement in statements for one in statement["Resource"]]
