"""The way of a dropped file: inbox, queue, function, results; and what becomes of one that fails."""

import json
from typing import Any

import pytest

from infra.local.intrinsics import Resolver
from tests.template.expansion import Json, resources, source

INBOX_ARN = {"Fn::GetAtt": ["InboxBucket", "Arn"]}
RESULTS_ARN = {"Fn::GetAtt": ["ResultsBucket", "Arn"]}
QUEUE_ARN = {"Fn::GetAtt": ["InboxQueue", "Arn"]}
LAMBDA_MAX_SECONDS = 900
BUCKET_NAME_MAX_CHARS = 63


@pytest.fixture
def function(template: Json) -> Json:
    return resources(template, "AWS::Lambda::Function")["BatchFunction"]


@pytest.fixture
def queue(template: Json) -> Json:
    return resources(template, "AWS::SQS::Queue")["InboxQueue"]


@pytest.fixture
def mapping(template: Json) -> Json:
    (only,) = resources(template, "AWS::Lambda::EventSourceMapping").values()
    return only


@pytest.fixture
def statements(template: Json) -> dict[str, Json]:
    """What the function's role allows, by Sid."""
    (policy,) = resources(template, "AWS::IAM::Role")["BatchRole"]["Policies"]
    return {statement["Sid"]: statement for statement in policy["PolicyDocument"]["Statement"]}


def resolved(node: Any, **parameters: str) -> Any:
    given = {"Environment": "prod", "CodeHash": "0" * 64, **parameters}
    return Resolver(source(), given, lambda name: name, lambda name, attribute: name).value(node)


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def lifecycle(template: Json, bucket: str) -> dict[str, Json]:
    rules = resources(template, "AWS::S3::Bucket")[bucket]["LifecycleConfiguration"]["Rules"]
    return {rule["Id"]: rule for rule in rules}


def queue_alarm(template: Json, queue: str, metric: str) -> Json:
    (alarm,) = (
        alarm
        for alarm in resources(template, "AWS::CloudWatch::Alarm").values()
        if alarm.get("Dimensions") == [{"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}]
        and alarm["MetricName"] == metric
    )
    assert alarm["Namespace"] == "AWS/SQS"
    return alarm


# ---- from the inbox to the function


def test_a_file_of_many_runs_is_not_taken_for_a_loop(template: Json) -> None:
    assert resources(template, "AWS::Lambda::Function")["BatchFunction"]["RecursiveLoop"] == "Allow"


def test_every_file_of_whatever_name_is_told_to_the_queue(template: Json) -> None:
    inbox = resources(template, "AWS::S3::Bucket")["InboxBucket"]
    assert inbox["NotificationConfiguration"] == {
        "QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": QUEUE_ARN}]
    }
    assert template["Resources"]["InboxBucket"]["DependsOn"] == "InboxQueuePolicy"


def test_only_this_accounts_inbox_may_send_to_the_queue(template: Json) -> None:
    policy = resources(template, "AWS::SQS::QueuePolicy")["InboxQueuePolicy"]
    (allowed,) = (s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow")
    name = resolved(resources(template, "AWS::S3::Bucket")["InboxBucket"]["BucketName"])
    assert allowed["Principal"] == {"Service": "s3.amazonaws.com"}
    assert (allowed["Action"], allowed["Resource"]) == ("sqs:SendMessage", QUEUE_ARN)
    assert resolved(allowed["Condition"]) == {
        "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{name}"},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }


@pytest.mark.parametrize(
    ("bucket", "parameter"), [("InboxBucket", "InboxBucketName"), ("ResultsBucket", "ResultsBucketName")]
)
def test_a_bucket_has_the_given_name_or_one_that_no_other_stack_has(
    template: Json, bucket: str, parameter: str
) -> None:
    name = resources(template, "AWS::S3::Bucket")[bucket]["BucketName"]
    assert resolved(name, **{parameter: "our-own-name"}) == "our-own-name"
    made = json.dumps(name["Fn::If"][2])
    assert all(f"${{AWS::{part}}}" in made for part in ("StackName", "AccountId", "Region"))
    longest = "coldframe-staging" + resolved(name).removeprefix("coldframe-local").replace(
        "us-east-1", "ap-southeast-1"
    )
    assert len(longest) <= BUCKET_NAME_MAX_CHARS


def test_nothing_refers_to_the_inbox_that_the_inbox_waits_for(template: Json) -> None:
    for logical_id in ("InboxQueue", "InboxQueuePolicy", "InboxDeadLetterQueue"):
        assert '"InboxBucket"' not in json.dumps(template["Resources"][logical_id])


def test_the_function_gets_one_file_at_a_time_and_says_which_failed(template: Json, mapping: Json) -> None:
    aliases = resources(template, "AWS::Lambda::Alias")
    assert aliases[mapping["FunctionName"]["Ref"]]["FunctionName"] == {"Ref": "BatchFunction"}
    assert mapping["EventSourceArn"] == QUEUE_ARN
    assert mapping["BatchSize"] == 1
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_how_many_files_at_once_is_a_parameter_within_awss_bounds(mapping: Json) -> None:
    parameter = source()["Parameters"][mapping["ScalingConfig"]["MaximumConcurrency"]["Ref"]]
    assert 2 == parameter["MinValue"] <= parameter["Default"] <= parameter["MaxValue"] == 1000


def test_a_run_may_take_as_long_as_lambda_allows_on_one_whole_vcpu(function: Json) -> None:
    assert function["Timeout"] == LAMBDA_MAX_SECONDS
    assert function["MemorySize"] == {"Ref": "BatchMemorySizeMb"}
    assert source()["Parameters"]["BatchMemorySizeMb"]["Default"] == 1769


def test_the_function_knows_its_buckets_and_its_queue(function: Json) -> None:
    variables = function["Environment"]["Variables"]
    assert variables["MODEL_BUCKET"] == {"Ref": "ModelBucket"}
    assert variables["RESULTS_BUCKET"] == {"Ref": "ResultsBucket"}
    assert variables["INBOX_QUEUE_URL"] == {"Ref": "InboxQueue"}


# ---- what the function may do


def test_the_function_reads_models_and_dropped_files_and_writes_results_alone(
    statements: dict[str, Json],
) -> None:
    on_s3 = {
        (action, json.dumps(statement["Resource"]))
        for statement in statements.values()
        for action in as_list(statement["Action"])
        if action.startswith("s3:")
    }
    models, inbox, results = (
        json.dumps({"Fn::Sub": text})
        for text in ("${ModelBucket.Arn}/models/*", "${InboxBucket.Arn}/*", "${ResultsBucket.Arn}/*")
    )
    assert on_s3 == {
        ("s3:GetObject", models),
        ("s3:ListBucket", json.dumps({"Fn::GetAtt": ["ModelBucket", "Arn"]})),
        ("s3:GetObject", inbox),
        ("s3:GetObjectVersion", inbox),
        ("s3:GetObject", results),
        ("s3:PutObject", results),
        ("s3:AbortMultipartUpload", results),
        ("s3:ListBucket", json.dumps([INBOX_ARN, RESULTS_ARN])),
    }


def test_the_function_lists_no_more_of_the_models_than_it_reads(statements: dict[str, Json]) -> None:
    condition = statements["TellMissingModelFromForbidden"]["Condition"]
    assert condition == {"StringLikeIfExists": {"s3:prefix": "models/*"}}


def test_the_function_takes_from_its_queue_and_sends_to_it_alone(statements: dict[str, Json]) -> None:
    (on_sqs,) = (s for s in statements.values() if "sqs:" in json.dumps(s["Action"]))
    assert on_sqs["Resource"] == QUEUE_ARN
    assert set(on_sqs["Action"]) == {
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ChangeMessageVisibility",
        "sqs:SendMessage",
    }


# ---- what becomes of a file that fails


def test_a_message_stays_hidden_for_six_timeouts_at_least(queue: Json, function: Json) -> None:
    assert 6 * function["Timeout"] <= queue["VisibilityTimeout"] <= 12 * 3600


def test_after_five_failures_a_file_lies_in_the_dead_letter_queue(queue: Json, function: Json) -> None:
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": ["InboxDeadLetterQueue", "Arn"]},
        "maxReceiveCount": 5,
    }
    assert "DeadLetterConfig" not in function  # Lambda's own holds asynchronous invocations only


def test_a_file_can_fail_five_times_before_its_message_is_too_old(template: Json, queue: Json) -> None:
    assert 5 * queue["VisibilityTimeout"] < queue["MessageRetentionPeriod"]
    dead_letters = resources(template, "AWS::SQS::Queue")["InboxDeadLetterQueue"]
    assert (
        queue["MessageRetentionPeriod"] < dead_letters["MessageRetentionPeriod"]
    )  # both count from the first day


def test_alarm_on_any_file_that_failed_for_good(template: Json) -> None:
    alarm = queue_alarm(template, "InboxDeadLetterQueue", "ApproximateNumberOfMessagesVisible")
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Maximum", 0)


def test_alarm_when_files_wait_longer_than_one_lost_run_explains(
    template: Json, queue: Json, function: Json
) -> None:
    alarm = queue_alarm(template, "InboxQueue", "ApproximateAgeOfOldestMessage")
    assert alarm["Statistic"] == "Maximum"
    assert alarm["Threshold"] > queue["VisibilityTimeout"] + function["Timeout"]


def test_no_alarm_on_a_duration_that_nears_the_timeout_by_design(template: Json) -> None:
    dimensions = [{"Name": "FunctionName", "Value": {"Ref": "BatchFunction"}}]
    alarms = resources(template, "AWS::CloudWatch::Alarm").values()
    assert {a["MetricName"] for a in alarms if a.get("Dimensions") == dimensions} == {"Throttles"}


# ---- what is kept, and for how long


def test_dropped_files_and_results_go_after_a_time_that_is_a_parameter(template: Json) -> None:
    assert lifecycle(template, "InboxBucket")["DroppedFiles"]["ExpirationInDays"] == {"Ref": "InboxDays"}
    assert lifecycle(template, "ResultsBucket")["Results"]["ExpirationInDays"] == {"Ref": "ResultsDays"}
    parameters = source()["Parameters"]
    assert (parameters["InboxDays"]["Default"], parameters["ResultsDays"]["Default"]) == (30, 90)


def test_job_documents_go_first(template: Json) -> None:
    jobs = lifecycle(template, "ResultsBucket")["Jobs"]
    assert (jobs["Prefix"], jobs["ExpirationInDays"]) == ("_jobs/", 30)


@pytest.mark.parametrize("bucket", ["InboxBucket", "ResultsBucket"])
def test_an_overwritten_file_and_an_upload_outlive_every_retry(
    template: Json, queue: Json, bucket: str
) -> None:
    rules = lifecycle(template, bucket)
    days = rules["NoncurrentVersions"]["NoncurrentVersionExpiration"]["NoncurrentDays"]
    assert days == rules["IncompleteUploads"]["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7
    assert queue["MessageRetentionPeriod"] < days * 24 * 3600
