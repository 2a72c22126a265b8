"""Parameters, outputs and samconfig.toml, which must fit each other."""

import tomllib
from typing import Any

import pytest

from tests.template.expansion import ROOT, Json, source

CODE_HASH_FILE = "file://.aws-sam/build/code-hash.yaml"
READ_BY_THE_COMMAND = {
    "ApiUrl",
    "ApiKeyId",
    "ModelBucketName",
    "SentimentLogGroupName",
    "InboxBucketName",
    "ResultsBucketName",
    "InboxQueueUrl",
    "InboxDeadLetterQueueUrl",
    "BatchFunctionName",
    "BatchLogGroupName",
    "BatchesLogGroupName",
}


@pytest.fixture(params=["dev", "staging", "prod"])
def environment(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def deploy(environment: str) -> Json:
    config: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text())
    parameters: Json = config[environment]["deploy"]["parameters"]
    return parameters


def test_the_command_finds_its_outputs() -> None:
    assert source()["Outputs"].keys() >= READ_BY_THE_COMMAND


def test_each_environment_is_a_stack_of_its_own(environment: str, deploy: Json) -> None:
    assert deploy["stack_name"] == f"coldframe-{environment}"
    assert f"environment={environment}" in deploy["tags"]


def test_only_prod_asks_before_it_changes_anything(environment: str, deploy: Json) -> None:
    assert deploy.get("confirm_changeset", False) is (environment == "prod")


def test_each_environment_takes_the_code_hash_of_its_build(deploy: Json) -> None:
    # `sam build` empties that folder, so a hash there is never older than the code beside it.
    assert deploy["parameter_overrides"][0] == CODE_HASH_FILE


def test_settings_name_parameters_of_the_template_and_allowed_values(environment: str, deploy: Json) -> None:
    parameters = source()["Parameters"]
    settings = dict(setting.split("=", 1) for setting in deploy["parameter_overrides"][1:])
    assert settings["Environment"] == environment
    for name, value in settings.items():
        assert value in [str(allowed) for allowed in parameters[name].get("AllowedValues", [value])]


def test_every_parameter_is_used_and_explained() -> None:
    written = str(source())
    for name, parameter in source()["Parameters"].items():
        assert f"'Ref': '{name}'" in written or f"${{{name}}}" in written
        assert parameter["Description"]
