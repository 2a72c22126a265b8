"""What holds for every function: version, settings, role, logs, dead letters, alarms."""

import re

import pytest

from coldframe import limits
from tests.endpoints import borrows
from tests.template.expansion import Json, deployed, expand, resources, source

FUNCTIONS = list(resources(expand(), "AWS::Lambda::Function"))
ALIASES = {name: a["FunctionName"]["Ref"] for name, a in resources(expand(), "AWS::Lambda::Alias").items()}


def invoked_by(kind: str, *services: str) -> list[str]:
    """The functions whose alias a resource of this type names, for one of these services if it has any."""
    named = resources(expand(), kind).values()
    return sorted(
        {ALIASES[r["FunctionName"]["Ref"]] for r in named if not services or r["Principal"] in services}
    )


# What the API calls must answer in time, and has a dead-letter queue for asynchronous invocations. What a
# queue feeds may take as long as Lambda allows, and the queue redrives what fails (test_template_batch.py).
BEHIND_THE_API = invoked_by("AWS::Lambda::Permission", "apigateway.amazonaws.com")
BY_TIME_OR_LOG = invoked_by("AWS::Lambda::Permission", "events.amazonaws.com", "logs.amazonaws.com")
FED_BY_A_QUEUE = invoked_by("AWS::Lambda::EventSourceMapping")
ASKED_BY_CODEDEPLOY = sorted(
    {
        alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["BeforeAllowTrafficHook"]["Ref"]
        for alias in expand()["Resources"].values()
        if "UpdatePolicy" in alias
    }
)
WITH_A_MODEL = [
    name
    for name, function in resources(expand(), "AWS::Lambda::Function").items()
    if "MODEL_NAME" in function["Environment"]["Variables"]
]
GATEWAY_TIMEOUT_SECONDS = 29
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
WITHOUT_RESOURCES = {
    "cloudwatch:GetMetricData",
    "cloudwatch:ListMetrics",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


@pytest.fixture(params=FUNCTIONS)
def name(request: pytest.FixtureRequest) -> str:
    logical_id: str = request.param
    return logical_id


@pytest.fixture
def function(name: str, template: Json) -> Json:
    return resources(template, "AWS::Lambda::Function")[name]


@pytest.fixture
def role(function: Json, template: Json) -> Json:
    logical_id, attribute = function["Role"]["Fn::GetAtt"]
    assert attribute == "Arn"
    return resources(template, "AWS::IAM::Role")[logical_id]


def allowed(role: Json) -> list[Json]:
    """The role's statements, with actions as a list."""
    statements = [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]]
    return [
        s | {"Action": [s["Action"]] if isinstance(s["Action"], str) else s["Action"]} for s in statements
    ]


def listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def resource_by_action(role: Json) -> Json:
    return {action: statement["Resource"] for statement in allowed(role) for action in statement["Action"]}


def lambda_alarms(template: Json, metric: str, name: str) -> list[Json]:
    """The alarms on one metric of one function, whether plain or by metric math."""
    wanted = {"Namespace": "AWS/Lambda", "MetricName": metric}
    dimensions = [{"Name": "FunctionName", "Value": {"Ref": name}}]
    return [
        alarm
        for alarm in resources(template, "AWS::CloudWatch::Alarm").values()
        for watched in [
            alarm,
            *(m["MetricStat"]["Metric"] for m in alarm.get("Metrics", []) if "MetricStat" in m),
        ]
        if wanted.items() <= watched.items() and watched.get("Dimensions") == dimensions
    ]


def test_it_is_known_what_invokes_a_function() -> None:
    assert sorted(BEHIND_THE_API + FED_BY_A_QUEUE + BY_TIME_OR_LOG + ASKED_BY_CODEDEPLOY) == sorted(FUNCTIONS)


# ---- versions


def version_ids(code_hash: str) -> dict[str, str]:
    versions = resources(expand(code_hash), "AWS::Lambda::Version")
    return {version["FunctionName"]["Ref"]: logical_id for logical_id, version in versions.items()}


def test_two_code_hashes_give_two_versions_and_one_gives_one(name: str) -> None:
    first, second = "1" * 64, "2" * 64
    assert version_ids(first)[name] != version_ids(second)[name]
    assert version_ids(first)[name] == version_ids(first)[name]


def test_lambda_itself_sees_a_change_when_only_the_layer_has_changed(name: str) -> None:
    # Lambda publishes nothing when code and settings are those of the last version: the hash is a setting.
    descriptions = {
        resources(expand(code_hash), "AWS::Lambda::Function")[name]["Description"]
        for code_hash in ("1" * 64, "2" * 64)
    }
    assert len(descriptions) == 2
    assert all(len(description) <= 256 for description in descriptions)


def test_the_live_alias_points_to_the_version_and_old_versions_stay(name: str, template: Json) -> None:
    aliases = [
        a for a in resources(template, "AWS::Lambda::Alias").values() if a["FunctionName"] == {"Ref": name}
    ]
    (alias,) = aliases
    assert alias["Name"] == "live"
    version_id = alias["FunctionVersion"]["Fn::GetAtt"][0]
    assert template["Resources"][version_id]["Type"] == "AWS::Lambda::Version"
    assert template["Resources"][version_id]["DeletionPolicy"] == "Retain"


def test_a_deployment_without_a_code_hash_is_refused() -> None:
    parameter = source()["Parameters"]["CodeHash"]
    assert "Default" not in parameter
    assert re.fullmatch(parameter["AllowedPattern"], "0123456789abcdef" * 4)
    assert not re.fullmatch(parameter["AllowedPattern"], "")


# ---- settings


def test_runtime_layer_and_handler(name: str) -> None:
    stack = deployed(LogInputs="on")
    function = resources(stack, "AWS::Lambda::Function")[name]
    assert function["Runtime"] == "python3.13"
    assert function["Handler"] == "app.handler"
    assert function["Architectures"] == ["x86_64"]
    assert function["Layers"] == list(resources(stack, "AWS::Lambda::LayerVersion"))
    assert len(function["Layers"]) == 1
    assert "ZipFile" not in function["Code"]


def test_layers_are_kept_for_the_versions_that_use_them(template: Json) -> None:
    for name, layer in resources(template, "AWS::Lambda::LayerVersion").items():
        assert layer["CompatibleRuntimes"] == ["python3.13"]
        assert layer["CompatibleArchitectures"] == [{"Ref": "Architecture"}]
        assert template["Resources"][name]["DeletionPolicy"] == "Retain"


def test_telemetry_is_off_and_tracing_needs_no_sdk(function: Json) -> None:
    assert function["Environment"]["Variables"]["ORT_DISABLE_TELEMETRY"] == "1"
    assert function["TracingConfig"] == {"Mode": "Active"}


def test_metrics_of_two_functions_or_environments_never_mix(template: Json) -> None:
    functions = resources(template, "AWS::Lambda::Function").values()
    variables = [function["Environment"]["Variables"] for function in functions]
    assert len({v["POWERTOOLS_SERVICE_NAME"] for v in variables}) == len(variables)
    assert all(
        v["POWERTOOLS_METRICS_NAMESPACE"] == {"Fn::Sub": "Coldframe/${Environment}"} for v in variables
    )


@pytest.mark.parametrize("name", BEHIND_THE_API)
def test_a_function_gives_up_before_the_gateway_and_after_a_slow_start(function: Json) -> None:
    assert limits.LOAD_WAIT_SECONDS < function["Timeout"] < GATEWAY_TIMEOUT_SECONDS


def test_memory_is_a_parameter_within_lambdas_bounds(function: Json) -> None:
    parameter = source()["Parameters"][function["MemorySize"]["Ref"]]
    assert 128 <= parameter["MinValue"] <= parameter["Default"] <= parameter["MaxValue"] <= 10_240


@pytest.mark.parametrize("name", ["TicketsFunction", "InferenceFunction"])
def test_the_encoder_has_a_whole_vcpu(name: str, template: Json) -> None:
    function = resources(template, "AWS::Lambda::Function")[name]
    memory = source()["Parameters"][function["MemorySize"]["Ref"]]
    assert memory["MinValue"] == memory["Default"] == limits.VCPU_MB


def test_concurrency_is_not_reserved(function: Json) -> None:
    assert "ReservedConcurrentExecutions" not in function  # a new account's limits are too low for it


def test_logs_are_json_in_a_group_with_retention(function: Json, template: Json) -> None:
    group = function["LoggingConfig"]["LogGroup"]["Ref"]
    assert function["LoggingConfig"]["LogFormat"] == "JSON"
    assert resources(template, "AWS::Logs::LogGroup")[group]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


# ---- roles


def test_every_function_has_a_role_of_its_own(template: Json) -> None:
    roles = [f["Role"]["Fn::GetAtt"][0] for f in resources(template, "AWS::Lambda::Function").values()]
    assert len(set(roles)) == len(roles)


def test_a_role_names_each_action_and_each_resource(role: Json) -> None:
    assert "ManagedPolicyArns" not in role
    for statement in allowed(role):
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in statement["Action"])
        if statement["Resource"] == "*":
            assert set(statement["Action"]) <= WITHOUT_RESOURCES


def test_a_role_is_for_lambda_only(role: Json) -> None:
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_who_gives_the_figures_reads_them_and_nothing_else(template: Json) -> None:
    role = resources(template, "AWS::IAM::Role")["MetricsRole"]
    assert {
        action for action in resource_by_action(role) if action.split(":")[0] not in {"logs", "xray"}
    } == {
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
        "sqs:SendMessage",
    }


def test_who_looks_at_models_reads_all_of_them_and_writes_nothing(template: Json) -> None:
    statements = allowed(resources(template, "AWS::IAM::Role")["RegistryRole"])
    on_s3 = {action: s for s in statements for action in s["Action"] if action.startswith("s3:")}
    assert on_s3.keys() == {"s3:GetObject", "s3:ListBucket"}
    assert on_s3["s3:GetObject"]["Resource"] == {"Fn::Sub": "${ModelBucket.Arn}/models/*"}
    assert on_s3["s3:ListBucket"]["Condition"]["StringLikeIfExists"]["s3:prefix"] == "models/*"


def test_a_version_that_is_tried_has_time_and_memory(template: Json) -> None:
    function = resources(template, "AWS::Lambda::Function")["RegistryFunction"]
    memory = source()["Parameters"][function["MemorySize"]["Ref"]]
    assert function["Timeout"] > limits.PROBE_SECONDS + 2 * limits.S3_REQUEST_SECONDS
    assert memory["MinValue"] * 1024**2 * 0.75 > limits.PROBE_MEMORY_MAX_BYTES


@pytest.mark.parametrize("name", WITH_A_MODEL)
def test_a_function_reads_its_own_model_and_writes_none(function: Json, role: Json) -> None:
    """And an encoder's files, where the model's versions borrow those."""
    name = function["Environment"]["Variables"]["MODEL_NAME"]
    own = [f"models/{name}/*", *(["models/encoder/*"] if borrows(name) else [])]
    on_s3 = {a: s for s in allowed(role) for a in s["Action"] if a.startswith("s3:")}
    assert on_s3.keys() == {"s3:GetObject", "s3:ListBucket"}
    prefixes = on_s3["s3:ListBucket"]["Condition"]["StringLikeIfExists"]["s3:prefix"]
    assert listed(prefixes) == own
    readable = [{"Fn::Sub": "${ModelBucket.Arn}/" + prefix} for prefix in own]
    assert listed(on_s3["s3:GetObject"]["Resource"]) == readable


def test_who_answers_for_every_model_reads_them_all_and_writes_none(template: Json) -> None:
    role = resources(template, "AWS::IAM::Role")["InferenceRole"]
    on_s3 = {a: s for s in allowed(role) for a in s["Action"] if a.startswith("s3:")}
    assert on_s3.keys() == {"s3:GetObject", "s3:ListBucket"}
    assert on_s3["s3:GetObject"]["Resource"] == {"Fn::Sub": "${ModelBucket.Arn}/models/*"}
    assert on_s3["s3:ListBucket"]["Condition"]["StringLikeIfExists"] == {"s3:prefix": "models/*"}


def test_a_function_writes_to_its_own_log_group(function: Json, role: Json) -> None:
    by_action = resource_by_action(role)
    group = function["LoggingConfig"]["LogGroup"]["Ref"]
    assert by_action["logs:PutLogEvents"]["Fn::Sub"].endswith(":log-group:${" + group + "}:*")
    assert by_action["logs:CreateLogStream"] == by_action["logs:PutLogEvents"]


@pytest.mark.parametrize("name", BEHIND_THE_API)
def test_a_function_sends_to_its_own_dead_letter_queue(function: Json, role: Json) -> None:
    assert resource_by_action(role)["sqs:SendMessage"] == function["DeadLetterConfig"]["TargetArn"]


# ---- AWS's five minimum alarms


def test_alarm_on_errors_over_one_percent(name: str, template: Json) -> None:
    (alarm,) = lambda_alarms(template, "Errors", name)
    assert alarm in lambda_alarms(template, "Invocations", name)
    assert [m["Expression"] for m in alarm["Metrics"] if m.get("ReturnData", True)] == [
        "100 * errors / invocations"
    ]
    assert {m["Id"] for m in alarm["Metrics"]} == {"error_percent", "errors", "invocations"}
    assert alarm["Threshold"] == 1


def test_alarm_on_any_throttle(name: str, template: Json) -> None:
    (alarm,) = lambda_alarms(template, "Throttles", name)
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 0)


@pytest.mark.parametrize("name", BEHIND_THE_API)
def test_alarm_when_the_99th_percentile_nears_the_timeout(name: str, function: Json, template: Json) -> None:
    (alarm,) = lambda_alarms(template, "Duration", name)
    assert alarm["ExtendedStatistic"] == "p99"
    assert alarm["Threshold"] == function["Timeout"] * 1000 * 0.8


@pytest.mark.parametrize("name", BEHIND_THE_API)
def test_alarm_on_any_dead_letter(function: Json, template: Json) -> None:
    queue, _ = function["DeadLetterConfig"]["TargetArn"]["Fn::GetAtt"]
    dimensions = [{"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}]
    (alarm,) = (
        a for a in resources(template, "AWS::CloudWatch::Alarm").values() if a.get("Dimensions") == dimensions
    )
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert alarm["Threshold"] == 0


def test_alarm_when_the_account_nears_its_concurrency(template: Json) -> None:
    alarm = template["Resources"]["ConcurrencyAlarm"]["Properties"]
    (metric,) = (m["MetricStat"]["Metric"] for m in alarm["Metrics"] if "MetricStat" in m)
    assert metric == {"Namespace": "AWS/Lambda", "MetricName": "ConcurrentExecutions"}  # of all functions
    (expression,) = (m["Expression"] for m in alarm["Metrics"] if "Expression" in m)
    assert expression == {"Fn::Sub": "100 * executions / ${ConcurrencyLimit}"}
    assert alarm["Threshold"] == 80


def test_every_alarm_notifies_the_topic_if_there_is_one(template: Json) -> None:
    for alarm in resources(template, "AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] == {
            "Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]
        }
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
        assert alarm["TreatMissingData"] == "notBreaching"  # no traffic is no alarm
        assert alarm["AlarmDescription"]
