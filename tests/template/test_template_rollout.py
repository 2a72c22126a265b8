"""How a new version of the code gets traffic: by CodeDeploy, tried before, with its own alarms; SnapStart."""

import tomllib
from typing import Any

import pytest

from coldframe import limits
from coldframe.rollout.hook import PREFIX
from infra.local.intrinsics import Resolver
from tests.template.expansion import ROOT, Json, expand, resources, source

SOURCE = source()
HOOK = "HookFunction"
AT_ONCE = {HOOK, "GuardianFunction", "ShadowFunction"}  # no client calls them
ROLLED_OUT = [name for name in resources(expand(), "AWS::Lambda::Function") if name not in AT_ONCE]
ON_CODEDEPLOY = "arn:${AWS::Partition}:codedeploy:${AWS::Region}:${AWS::AccountId}:"
FUNCTION_NAME_MAX_CHARS = 64


@pytest.fixture(params=ROLLED_OUT)
def name(request: pytest.FixtureRequest) -> str:
    logical_id: str = request.param
    return logical_id


@pytest.fixture
def group(template: Json, name: str) -> Json:
    policy = alias_of(template, name)["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert policy["ApplicationName"] == {"Ref": "ServerlessDeploymentApplication"}
    return resources(template, "AWS::CodeDeploy::DeploymentGroup")[policy["DeploymentGroupName"]["Ref"]]


@pytest.fixture
def hook(template: Json) -> Json:
    return resources(template, "AWS::Lambda::Function")[HOOK]


def alias_of(template: Json, function: str) -> Json:
    (alias,) = (
        resource
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Alias"
        and resource["Properties"]["FunctionName"] == {"Ref": function}
    )
    found: Json = alias
    return found


def resolved(node: Any, **parameters: str) -> Any:
    given = {"Environment": "prod", "CodeHash": "0" * 64, **parameters}
    return Resolver(SOURCE, given, lambda name: name, lambda name, attribute: name).value(node)


def watched(alarm: Json) -> list[Json]:
    """The metrics of an alarm, whether it is a plain one or by metric math."""
    return [m["MetricStat"]["Metric"] for m in alarm.get("Metrics", []) if "MetricStat" in m] or [alarm]


# ---- who is called


def test_api_gateway_calls_the_alias_of_every_route(api: Json) -> None:
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            integration = operation["x-amazon-apigateway-integration"]
            if integration["type"] == "aws_proxy":
                assert integration["uri"]["Fn::Sub"].endswith("Aliaslive}/invocations"), (path, method)
            else:
                assert (method, integration["type"]) == ("options", "mock")


def test_api_gateway_and_queues_may_call_nothing_but_an_alias(template: Json) -> None:
    aliases = resources(template, "AWS::Lambda::Alias")
    for kind in ("AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping"):
        assert {r["FunctionName"]["Ref"] for r in resources(template, kind).values()} <= aliases.keys()


# ---- how traffic moves


@pytest.mark.parametrize("choice", SOURCE["Parameters"]["CodeRollout"]["AllowedValues"])
def test_traffic_moves_as_the_parameter_says(choice: str) -> None:
    # SAM puts what it knows of parameters in before CloudFormation does.
    preference = SOURCE["Globals"]["Function"]["DeploymentPreference"]["Type"]
    assert resolved(preference, CodeRollout=choice) == f"CodeDeployDefault.Lambda{choice}"


def test_every_function_but_the_hook_is_rolled_out_and_goes_back_on_failure(group: Json, name: str) -> None:
    default = SOURCE["Parameters"]["CodeRollout"]["Default"]
    assert resolved(group["DeploymentConfigName"]) == f"CodeDeployDefault.Lambda{default}"
    assert group["AutoRollbackConfiguration"]["Enabled"] is True
    assert set(group["AutoRollbackConfiguration"]["Events"]) >= {
        "DEPLOYMENT_FAILURE",
        "DEPLOYMENT_STOP_ON_ALARM",
    }


def test_the_hook_itself_is_not_rolled_out(template: Json) -> None:
    assert "UpdatePolicy" not in alias_of(template, HOOK)


@pytest.mark.parametrize(
    ("environment", "choice"),
    [
        ("dev", "AllAtOnce"),
        ("staging", "Canary10Percent5Minutes"),
        ("prod", "Canary10Percent10Minutes"),
    ],
)
def test_development_does_not_wait_and_production_does(environment: str, choice: str) -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    overrides = config[environment]["deploy"]["parameters"]["parameter_overrides"]
    given = dict(setting.split("=", 1) for setting in overrides[1:])
    assert given.get("CodeRollout", SOURCE["Parameters"]["CodeRollout"]["Default"]) == choice


# ---- the alarms of a rollout


def test_alarms_are_of_the_version_that_comes(name: str, group: Json, template: Json) -> None:
    version = alias_of(template, name)["Properties"]["FunctionVersion"]
    expected = [
        {"Name": "FunctionName", "Value": {"Ref": name}},
        {"Name": "Resource", "Value": {"Fn::Sub": f"${{{name}}}:live"}},
        {"Name": "ExecutedVersion", "Value": version},
    ]
    alarms = resources(template, "AWS::CloudWatch::Alarm")
    assert group["AlarmConfiguration"]["Enabled"] is True
    seen = {
        metric["MetricName"]: metric["Dimensions"]
        for one in group["AlarmConfiguration"]["Alarms"]
        for metric in watched(alarms[one["Name"]["Ref"]])
    }
    assert seen.pop("Throttles") == expected[:1]  # a call that is refused reaches no version
    assert seen.keys() >= {"Errors", "Invocations"}
    assert ("Duration" in seen) is (name != "BatchFunction")  # its runs near the timeout by design
    assert all(dimensions == expected for dimensions in seen.values())


def test_alarms_look_each_minute_and_have_the_thresholds_of_the_functions_own(
    name: str, group: Json, template: Json
) -> None:
    function = resources(template, "AWS::Lambda::Function")[name]
    alarms = resources(template, "AWS::CloudWatch::Alarm")
    for one in group["AlarmConfiguration"]["Alarms"]:
        alarm = alarms[one["Name"]["Ref"]]
        periods = [m["MetricStat"]["Period"] for m in alarm.get("Metrics", []) if "MetricStat" in m]
        assert set(periods or [alarm["Period"]]) == {60}
        metric = watched(alarm)[0]["MetricName"]
        assert (
            alarm["Threshold"] == {"Errors": 1, "Throttles": 0, "Duration": function["Timeout"] * 800}[metric]
        )


def test_alarms_move_on_to_the_next_version(name: str) -> None:
    def version(code_hash: str) -> str:
        alarm = resources(expand(code_hash), "AWS::CloudWatch::Alarm")[
            name.replace("Function", "VersionErrorsAlarm")
        ]
        dimensions = {d["Name"]: d["Value"] for d in watched(alarm)[0]["Dimensions"]}
        logical_id: str = dimensions["ExecutedVersion"]["Fn::GetAtt"][0]
        return logical_id

    assert version("1" * 64) != version("2" * 64)


# ---- the hook


def test_every_rollout_is_tried_by_the_hook_and_the_hook_knows_how(
    name: str, template: Json, hook: Json, api: Json
) -> None:
    policy = alias_of(template, name)["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert policy["BeforeAllowTrafficHook"] == {"Ref": HOOK}
    told = [
        resolved(value).partition(" ")
        for variable, value in hook["Environment"]["Variables"].items()
        if variable.startswith(PREFIX)
    ]
    (path,) = (path for function, _, path in told if function == name)
    assert (path in api["paths"]) is (path != "")
    assert (path == "") is (name == "BatchFunction")


def test_codedeploys_role_may_invoke_the_hook(hook: Json) -> None:
    given = resolved(hook["FunctionName"])
    assert given.startswith("CodeDeployHook_")
    assert len(given.replace("coldframe-local", "coldframe-staging")) <= FUNCTION_NAME_MAX_CHARS


def test_the_hook_invokes_versions_of_this_stack_and_reports_on_this_stack_alone(template: Json) -> None:
    (policy,) = resources(template, "AWS::IAM::Role")["HookRole"]["Policies"]
    statements = {s["Sid"]: s for s in policy["PolicyDocument"]["Statement"]}
    assert statements.keys() == {
        "ReadDeploymentsAndReport",
        "ReadWhichVersions",
        "TryVersions",
        "WriteLogs",
        "WriteTraces",
    }
    versions = [{"Fn::Sub": f"${{{name}.Arn}}:*"} for name in ROLLED_OUT]
    tried = statements["TryVersions"]
    assert tried["Action"] == "lambda:InvokeFunction"
    assert sorted(map(str, tried["Resource"])) == sorted(map(str, versions))
    reported = statements["ReadDeploymentsAndReport"]
    assert reported["Action"] == [
        "codedeploy:GetDeployment",
        "codedeploy:PutLifecycleEventHookExecutionStatus",
    ]
    assert reported["Resource"]["Fn::Sub"] == (
        ON_CODEDEPLOY + "deploymentgroup:${ServerlessDeploymentApplication}/*"
    )
    read = statements["ReadWhichVersions"]
    assert read["Action"] == "codedeploy:GetApplicationRevision"
    assert read["Resource"]["Fn::Sub"] == ON_CODEDEPLOY + "application:${ServerlessDeploymentApplication}"


def test_the_hook_has_time_to_report_and_waits_longer_than_a_function_may_take(
    template: Json, hook: Json
) -> None:
    functions = resources(template, "AWS::Lambda::Function")
    slowest = max(functions[name]["Timeout"] for name in ROLLED_OUT if name != "BatchFunction")
    assert slowest < limits.ROLLOUT_INVOKE_SECONDS
    one_attempt_each = (
        2 * limits.ROLLOUT_CONNECT_SECONDS + limits.ROLLOUT_INVOKE_SECONDS + limits.ROLLOUT_CODEDEPLOY_SECONDS
    )
    assert limits.ROLLOUT_ATTEMPTS_MAX_COUNT * one_attempt_each < limits.ROLLOUT_RESERVE_SECONDS
    assert hook["Timeout"] > 2 * limits.ROLLOUT_RESERVE_SECONDS


# ---- SnapStart


def test_what_the_api_calls_may_start_from_a_snapshot_and_nothing_else(template: Json) -> None:
    for name, function in resources(template, "AWS::Lambda::Function").items():
        behind_the_api = name not in {*AT_ONCE, "BatchFunction"}
        assert function.get("SnapStart") == ({"ApplyOn": {"Ref": "SnapStart"}} if behind_the_api else None)
    parameter = SOURCE["Parameters"]["SnapStart"]
    assert (parameter["Default"], parameter["AllowedValues"]) == ("None", ["None", "PublishedVersions"])
