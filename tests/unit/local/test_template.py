import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.local.errors import TemplateRefused
from infra.local.settings import LOCAL_PARAMETERS, Settings
from infra.local.stack import Bucket, Notification, Queue, Schedule, Stack
from infra.local.template import read_template

ROOT = Path(__file__).parents[3]
FIXTURE = ROOT / "tests/integration/local/functions"
AWS_URL = "http://127.0.0.1:3001"
Change = Callable[[dict[str, Any]], None]


def read(folder: Path, environment: str = "dev") -> Stack:
    return read_template(
        folder / "template.yaml", {"Environment": environment, "CodeHash": "local"}, AWS_URL, {}
    )


def changed(folder: Path, change: Change) -> Stack:
    """Read a small template after a change."""
    template: dict[str, Any] = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Api": {
                "Type": "AWS::Serverless::Api",
                "Properties": {
                    "StageName": "v1",
                    "OpenApiVersion": "3.0.1",
                    "Models": {"A": {"type": "object"}},
                },
            },
            "EchoFunction": {
                "Type": "AWS::Serverless::Function",
                "Properties": {
                    "CodeUri": "code",
                    "Handler": "app.handler",
                    "Runtime": "python3.13",
                    "Events": {
                        "Get": {
                            "Type": "Api",
                            "Properties": {"Path": "/echo", "Method": "get", "RestApiId": {"Ref": "Api"}},
                        }
                    },
                },
            },
        },
    }
    change(template)
    (folder / "code").mkdir(exist_ok=True)
    (folder / "template.yaml").write_text(yaml.safe_dump(template))
    return read(folder)


def api(template: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = template["Resources"]["Api"]["Properties"]
    return properties


def function(template: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = template["Resources"]["EchoFunction"]["Properties"]
    return properties


def event(template: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = function(template)["Events"]["Get"]["Properties"]
    return properties


def test_functions_have_their_names_variables_and_folders() -> None:
    echo, faults, _ = read(FIXTURE).functions
    assert (echo.name, echo.code, echo.handler) == ("fixture-dev-echo", FIXTURE / "echo", "app.handler")
    assert echo.variables == {
        "BUCKET": "coldframe-fixture",
        "QUEUE": f"{AWS_URL}/123456789012/coldframe-fixture",
    }
    assert (echo.timeout_seconds, faults.timeout_seconds, echo.memory_mb) == (10.0, 1.0, 256)
    assert echo.log_group == "/aws/lambda/fixture-dev-echo"


def test_routes_have_their_keys_and_models() -> None:
    stack = read(FIXTURE)
    routes = {(route.method, route.path): route for route in stack.api.routes}
    post, open_route = routes["POST", "/echo"], routes["ANY", "/open/{name}/{proxy+}"]
    assert (post.target, post.key_required, open_route.key_required) == ("fixture-dev-echo", True, False)
    assert post.models["application/json"]["required"] == ["text"]
    assert not routes["OPTIONS", "/echo"].key_required
    assert stack.api.binary_types == {"image/png"}


@pytest.mark.parametrize(("environment", "count"), [("dev", 1), ("prod", 2)])
def test_conditions_hold(environment: str, count: int) -> None:
    assert len(read(FIXTURE, environment).buckets) == count


def test_buckets_and_queues() -> None:
    stack = read(FIXTURE)
    assert stack.buckets == (Bucket("coldframe-fixture", versioned=True),)
    assert stack.queues == (Queue("coldframe-fixture", {"VisibilityTimeout": "7"}),)


def test_the_real_template_is_served() -> None:
    stack = read(ROOT)
    assert Bucket("coldframe-models", versioned=True) in stack.buckets
    sentiment = next(one for one in stack.functions if one.code == ROOT / "functions/sentiment")
    assert sentiment.layers == (ROOT / "layers/runtime",)
    assert sentiment.variables["ORT_DISABLE_TELEMETRY"] == "1"
    assert ("POST", "/sentiment/predict") in {(route.method, route.path) for route in stack.api.routes}


def test_the_real_template_has_its_inbox_as_the_commands_know_it() -> None:
    stack = read_template(ROOT / "template.yaml", LOCAL_PARAMETERS, AWS_URL, {})
    arn = "arn:aws:sqs:us-east-1:123456789012:coldframe-inbox"
    inbox = Bucket("coldframe-inbox", True, (Notification("s3:ObjectCreated:*", arn),))
    assert {inbox, Bucket("coldframe-results", versioned=True)} <= set(stack.buckets)
    (source,) = stack.event_sources
    assert (source.queue.name, source.batch_max_count) == ("coldframe-inbox", 1)
    assert (source.concurrency_max_count, source.partial_failures) == (5, True)
    assert json.loads(source.queue.attributes["RedrivePolicy"]) == {
        "deadLetterTargetArn": f"{arn}-dead-letter",
        "maxReceiveCount": 5,
    }
    assert source.function.variables["RESULTS_BUCKET"] == "coldframe-results"
    assert source.function.variables["INBOX_QUEUE_URL"] == f"{AWS_URL}/123456789012/coldframe-inbox"


def test_an_event_source_has_lambdas_defaults(tmp_path: Path) -> None:
    (source,) = changed(tmp_path, fed()).event_sources
    assert source.queue == Queue("coldframe-inbox", {})
    assert (source.function.name, source.batch_max_count) == ("coldframe-echo", 10)
    assert (source.concurrency_max_count, source.partial_failures) == (None, False)


def test_an_event_source_that_is_not_enabled_is_none(tmp_path: Path) -> None:
    assert changed(tmp_path, fed(Enabled=False)).event_sources == ()


@pytest.mark.parametrize(
    ("given", "variables"), [({}, {}), ({"COLDFRAME_SIGNING_SECRET": "a,b"}, {"SIGNING_SECRETS": "a,b"})]
)
def test_a_signing_secret_reaches_the_function_when_there_is_one(
    given: dict[str, str], variables: dict[str, str]
) -> None:
    settings = Settings.from_environment(given)
    stack = read_template(ROOT / "template.yaml", settings.parameters, AWS_URL, settings.secrets)
    (sentiment,) = (f for f in stack.functions if f.variables.get("MODEL_NAME") == "sentiment")
    assert {k: v for k, v in sentiment.variables.items() if k == "SIGNING_SECRETS"} == variables


def test_where_models_must_be_signed_functions_have_the_key_and_the_layer_that_checks() -> None:
    settings = Settings.from_environment({}).requiring_signed_models("AAAA")
    stack = read_template(ROOT / "template.yaml", settings.parameters, AWS_URL, settings.secrets)
    for one in stack.functions:
        assert one.layers == (ROOT / "layers/runtime", ROOT / "layers/signing")
        assert (one.variables["REQUIRE_SIGNATURE"], one.variables["MODEL_PUBLIC_KEYS"]) == ("on", "AAAA")


def test_a_built_layer_is_found_in_its_python_folder(tmp_path: Path) -> None:
    def add_layer(template: dict[str, Any]) -> None:
        properties = {"ContentUri": "layer", "CompatibleRuntimes": ["python3.13"]}
        template["Resources"]["Layer"] = {"Type": "AWS::Serverless::LayerVersion", "Properties": properties}
        function(template)["Layers"] = [{"Ref": "Layer"}]

    (tmp_path / "layer/python").mkdir(parents=True)
    assert changed(tmp_path, add_layer).functions[0].layers == (tmp_path / "layer/python",)


def add(logical_id: str, kind: str, **properties: Any) -> Change:
    def change(template: dict[str, Any]) -> None:
        template["Resources"][logical_id] = {"Type": kind, "Properties": properties}

    return change


def fed(timeout: int = 3, **properties: Any) -> Change:
    """A queue that feeds the function."""

    def change(template: dict[str, Any]) -> None:
        template["Resources"]["InboxQueue"] = {"Type": "AWS::SQS::Queue"}
        inbox = {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["InboxQueue", "Arn"]}, **properties}}
        function(template).update(Events={**function(template)["Events"], "Inbox": inbox}, Timeout=timeout)

    return change


def rule(**properties: Any) -> Change:
    target = {"Arn": {"Fn::GetAtt": ["EchoFunction", "Arn"]}, "Id": "one"}
    ticking = {"ScheduleExpression": "rate(1 minute)", "Targets": [target]}
    return add("Rule", "AWS::Events::Rule", **ticking | properties)


def both(first: Change, second: Change) -> Change:
    def change(template: dict[str, Any]) -> None:
        first(template)
        second(template)

    return change


def scheduled(**properties: Any) -> Change:
    """A schedule as SAM's event of a function."""

    def change(template: dict[str, Any]) -> None:
        function(template)["AutoPublishAlias"] = "live"
        function(template)["Events"]["Tick"] = {"Type": "Schedule", "Properties": properties}

    return change


def subscribed(group: str = "/say", pattern: str = "", count: int = 1, **properties: Any) -> Change:
    """A log group whose lines go to the function."""

    def change(template: dict[str, Any]) -> None:
        named = {"LogGroupName": "/say"}
        template["Resources"]["SayLogGroup"] = {"Type": "AWS::Logs::LogGroup", "Properties": named}
        function(template)["AutoPublishAlias"] = "live"
        for number in range(count):
            function(template)["Events"][f"Said{number}"] = {
                "Type": "CloudWatchLogs",
                "Properties": {"LogGroupName": group, "FilterPattern": pattern, **properties},
            }

    return change


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("rate(1 second)", 1),
        ("rate(5 seconds)", 5),
        ("rate(1 minute)", 60),
        ("rate(10 minutes)", 600),
        ("rate(1 hour)", 3600),
        ("rate(2 days)", 172_800),
    ],
)
def test_a_schedule_ticks_at_its_rate(tmp_path: Path, expression: str, seconds: int) -> None:
    stack = changed(tmp_path, scheduled(Schedule=expression, Name="tick", Input='{"a": 1}'))
    assert stack.schedules == (Schedule("tick", stack.functions[0], seconds, '{"a": 1}'),)


@pytest.mark.parametrize(
    ("properties", "count"),
    [
        ({}, 1),
        ({"Enabled": True}, 1),
        ({"Enabled": False}, 0),
        ({"State": "DISABLED"}, 0),
        ({"State": {"Fn::If": ["Never", "ENABLED", "DISABLED"]}}, 0),
        ({"State": {"Fn::If": ["Never", "DISABLED", "ENABLED"]}}, 1),
    ],
)
def test_a_disabled_schedule_is_none(tmp_path: Path, properties: dict[str, Any], count: int) -> None:
    change = both(never, scheduled(Schedule="rate(1 minute)", **properties))
    assert len(changed(tmp_path, change).schedules) == count


def test_a_log_group_goes_to_its_function(tmp_path: Path) -> None:
    stack = changed(tmp_path, subscribed(pattern="{ $.input = * }"))
    (one,) = stack.subscriptions
    assert (one.filter_name, one.log_group, one.function) == ("EchoFunctionSaid0", "/say", stack.functions[0])
    assert one.pattern.matches('{"input": "a"}')
    assert not one.pattern.matches("a")


def never(template: dict[str, Any]) -> None:
    template["Conditions"] = {"Never": {"Fn::Equals": ["a", "b"]}}


def test_what_belongs_to_a_function_that_is_left_out_is_left_out_with_it(tmp_path: Path) -> None:
    def change(template: dict[str, Any]) -> None:
        never(template)
        for of in (fed(), scheduled(Schedule="cron(0 9 * * ? *)"), subscribed(group="/gone")):
            of(template)
        beside = copy.deepcopy(template["Resources"]["EchoFunction"])
        template["Resources"]["BesideFunction"] = beside | {"Condition": "Never"}
        del beside["Properties"]["Events"]["Get"]
        for name in ("Inbox", "Tick", "Said0"):
            del function(template)["Events"][name]

    stack = changed(tmp_path, change)
    assert [one.name for one in stack.functions] == ["coldframe-echo"]
    assert (stack.event_sources, stack.schedules, stack.subscriptions) == ((), (), ())


def test_a_rule_and_a_filter_may_be_left_out_alone(tmp_path: Path) -> None:
    def change(template: dict[str, Any]) -> None:
        never(template)
        rule()(template)
        arn = {"Fn::GetAtt": ["EchoFunction", "Arn"]}
        properties = {"LogGroupName": "/gone", "FilterPattern": "", "DestinationArn": arn}
        add("Filter", "AWS::Logs::SubscriptionFilter", **properties)(template)
        for name in ("Rule", "Filter"):
            template["Resources"][name]["Condition"] = "Never"

    stack = changed(tmp_path, change)
    assert (stack.schedules, stack.subscriptions) == ((), ())


def test_no_value_takes_layers_and_variables_out(tmp_path: Path) -> None:
    def change(template: dict[str, Any]) -> None:
        never(template)
        layer = {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "layer"}}
        template["Resources"] |= {"Layer": layer, "Left": copy.deepcopy(layer) | {"Condition": "Never"}}
        nothing = {"Ref": "AWS::NoValue"}
        function(template)["Layers"] = [{"Ref": "Layer"}, {"Fn::If": ["Never", {"Ref": "Left"}, nothing]}]
        variables = {
            "A": "1",
            "B": {"Fn::If": ["Never", "2", nothing]},
            "C": {"Fn::If": ["Never", nothing, "3"]},
        }
        function(template)["Environment"] = {"Variables": variables}

    (tmp_path / "layer").mkdir()
    (echo,) = changed(tmp_path, change).functions
    assert (echo.layers, echo.variables) == ((tmp_path / "layer",), {"A": "1", "C": "3"})


def authorizer(template: dict[str, Any]) -> None:
    arn = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/a"
    api(template)["Auth"] = {"DefaultAuthorizer": "Users", "Authorizers": {"Users": {"UserPoolArn": arn}}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (add("Table", "AWS::DynamoDB::Table"), "Table is an AWS::DynamoDB::Table"),
        (add("DropBucket", "AWS::S3::Bucket", ReplicationConfiguration={}), "DropBucket.*Replication"),
        (
            add(
                "DropBucket",
                "AWS::S3::Bucket",
                NotificationConfiguration={
                    "QueueConfigurations": [{"Event": "a", "Queue": "b", "Filter": {}}]
                },
            ),
            "DropBucket.*Filter of a QueueConfiguration",
        ),
        (
            add("DropBucket", "AWS::S3::Bucket", NotificationConfiguration={"TopicConfigurations": []}),
            "DropBucket.*TopicConfigurations of NotificationConfiguration",
        ),
        (fed(FilterCriteria={"Filters": []}), "EchoFunctionInbox.*FilterCriteria"),
        (fed(BatchSize=11, MaximumBatchingWindowInSeconds=1), "EchoFunctionInbox.*MaximumBatchingWindow"),
        (fed(BatchSize=11), "EchoFunctionInbox.*BatchSize from 1 to 10"),
        (fed(ScalingConfig={"MinimumConcurrency": 1}), "EchoFunctionInbox.*MinimumConcurrency"),
        (fed(Queue="arn:aws:sqs:us-east-1:123456789012:gone"), "EchoFunctionInbox.*gone is not a queue"),
        (fed(timeout=31), "EchoFunctionInbox.*VisibilityTimeout is shorter"),
        (scheduled(Schedule="cron(0 9 * * ? *)"), "EchoFunctionTick.*cron.*write a rate"),
        (scheduled(Schedule="rate(1 minutes)"), "EchoFunctionTick.*rate.1 minutes"),
        (scheduled(Schedule="rate(5 minute)"), "EchoFunctionTick.*rate.5 minute"),
        (scheduled(Schedule="rate(0 minutes)"), "EchoFunctionTick.*rate.0 minutes"),
        (scheduled(Schedule="rate(1 minute)", Input="{"), "EchoFunctionTick.*Input is not JSON"),
        (
            scheduled(Schedule="rate(1 minute)", RetryPolicy={"MaximumRetryAttempts": 1}),
            "EchoFunctionTick.*RetryPolicy of a target",
        ),
        (rule(EventPattern={"source": ["aws.s3"]}), "Rule.*EventPattern"),
        (rule(Targets=[]), "Rule has 0 targets"),
        (subscribed(pattern="ERROR"), "EchoFunctionSaid0.*filter pattern ERROR"),
        (subscribed(group="/gone"), "EchoFunctionSaid0: /gone is not a log group"),
        (subscribed(group="/aws/lambda/coldframe-echo"), "EchoFunctionSaid0: coldframe-echo writes to"),
        (subscribed(count=3), "/say has 3 subscription filters"),
        (lambda t: function(t).update(VpcConfig={"SubnetIds": ["a"]}), "EchoFunction.*VpcConfig"),
        (lambda t: function(t).update(CodeUri="nowhere"), "EchoFunction.*no folder.*nowhere"),
        (
            lambda t: function(t).update(CodeUri={"Bucket": "a", "Key": "b"}),
            "EchoFunction: CodeUri must be a folder",
        ),
        (
            lambda t: function(t).update(Layers=["arn:aws:lambda:us-east-1:1:layer:a:1"]),
            "EchoFunction: layer arn",
        ),
        (lambda t: function(t).update(Environment={"Variables": {"A": {"Ref": "Gone"}}}), "Gone"),
        (lambda t: function(t).update(Environment={"Variables": {"A": {"Fn::GetAZs": ""}}}), "Fn::GetAZs"),
        (
            lambda t: function(t).update(Environment={"Variables": {"A": "{{resolve:ssm:name:1}}"}}),
            "resolve:ssm:name:1.* has no local value",
        ),
        (
            lambda t: function(t).update(
                Environment={"Variables": {"A": {"Fn::GetAtt": ["Api", "RootResourceId"]}}}
            ),
            "Api.RootResourceId has no local value",
        ),
        (lambda t: api(t).pop("OpenApiVersion"), "Api.*OpenApiVersion"),
        (authorizer, "Api: GET /echo.*API keys only"),
        (lambda t: api(t).update(Variables={"a": "b"}), "Apiv1Stage.*Variables"),
        (lambda t: api(t).update(GatewayResponses={"TEAPOT": {}}), "Api.*TEAPOT"),
        (
            lambda t: api(t).update(Models={"A": {"type": "object", "maxContains": 1}}),
            "model a uses maxContains",
        ),
        (
            lambda t: event(t).update(
                RequestParameters=[{"method.request.header.X": {"Required": True}}],
                RequestModel={"Model": "A", "ValidateParameters": True},
            ),
            "GET /echo: .*validate parameters",
        ),
        (lambda t: t.update(Parameters={"Secret": {"Type": "String"}}), "Parameter Secret has no default"),
        (lambda t: t["Resources"].update(Second=copy.deepcopy(t["Resources"]["Api"])), "2 AWS::ApiGateway"),
        (lambda t: function(t).pop("Handler"), "not a valid SAM template.*Handler"),
        (lambda t: t.pop("Resources"), "no Resources"),
    ],
)
def test_what_is_not_served_is_refused_by_name(tmp_path: Path, change: Change, words: str) -> None:
    with pytest.raises(TemplateRefused, match=words):
        changed(tmp_path, change)


def test_no_template_and_no_yaml_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateRefused, match="There is no"):
        read(tmp_path)
    (tmp_path / "template.yaml").write_text("{")
    with pytest.raises(TemplateRefused, match="not valid YAML"):
        read(tmp_path)
