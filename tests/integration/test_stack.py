"""The commands with --stack, against CloudFormation, S3 and CloudWatch Logs of moto instead of AWS's."""

import json
import time

import boto3
import pytest
from typer.testing import CliRunner

from infra import registry
from infra.cli.main import app
from infra.cli.place import NotThere, place
from models.forge.version import read_version

RESOURCES = {"ModelBucket": {"Type": "AWS::S3::Bucket"}}
OUTPUTS = {"ModelBucketName": {"Value": {"Ref": "ModelBucket"}}}


def created(aws: str, name: str, **template: object) -> str:
    cloudformation = boto3.client("cloudformation", endpoint_url=aws)
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": RESOURCES, **template}))
    return name


@pytest.fixture(scope="module")
def stack(aws: str) -> str:
    return created(aws, "coldframe-test", Outputs=OUTPUTS)


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_publish_models_and_predict(stack: str) -> None:
    assert f"live in {stack}" in run("publish", "sentiment", "--stack", stack, "--why", "to see")
    assert "v1.0.0" in run("models", "--stack", stack)
    answer = json.loads(run("predict", "sentiment", "最悪の商品でした", "--json", "--stack", stack))
    assert (answer["label"], answer["model_version"]) == ("negative", "v1.0.0")


def test_a_program_has_the_registry_of_the_stack(stack: str) -> None:
    models = registry.of_stack(stack)
    models.register_model(read_version("sentiment", version="v1.0.7"))
    models.deploy_model("sentiment", "v1.0.7", reason="to see")
    assert models.get_deployed_version("sentiment") == models.get_latest_version("sentiment") == "v1.0.7"


def test_logs(aws: str, stack: str) -> None:
    client, group = boto3.client("logs", endpoint_url=aws), f"/coldframe/{stack}/sentiment"
    client.create_log_group(logGroupName=group)
    client.create_log_stream(logGroupName=group, logStreamName="one")
    now_ms = int(time.time() * 1000)
    client.put_log_events(
        logGroupName=group,
        logStreamName="one",
        logEvents=[{"timestamp": now_ms, "message": "a line\n"}],
    )
    assert "a line" in run("logs", "sentiment", "--stack", stack)


@pytest.mark.usefixtures("aws")
def test_a_stack_that_is_not_there_is_named() -> None:
    with pytest.raises(NotThere, match="no-such-stack"):
        place("no-such-stack")


def test_a_stack_of_something_else_is_refused(aws: str) -> None:
    created(aws, "other")
    with pytest.raises(NotThere, match="ModelBucketName"):
        place("other")
