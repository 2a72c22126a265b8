"""The registry over HTTP and from Python, in a local cloud as a user starts it."""

import subprocess
import sys
from typing import Any

import pytest

from coldframe.catalog.routes import PREFIXES
from models.forge.model_registry import ModelRegistry
from models.forge.version import Version
from tests import made
from tests.e2e.running import Cloud


@pytest.fixture(scope="module")
def registry(cloud: Cloud) -> ModelRegistry:
    """With a version beside the one that `coldframe up` has published."""
    found = ModelRegistry(cloud.models())
    data = made.weights(1)
    found.register_model(Version(made.manifest("v99.0.0", data), {"weights.npz": data}))
    return found


def asked(cloud: Cloud, path: str) -> Any:
    status, answer = cloud.call(path)
    assert status == 200
    return answer


@pytest.mark.parametrize("prefix", PREFIXES)
def test_both_prefixes_say_what_python_says(cloud: Cloud, registry: ModelRegistry, prefix: str) -> None:
    listed = asked(cloud, prefix)["models"]
    assert listed.keys() >= {"sentiment", "moderation", "tickets"}
    assert listed["sentiment"] == registry.list_versions("sentiment")
    described = asked(cloud, f"{prefix}/sentiment")
    assert described == registry.get_model_info("sentiment").model_dump()
    assert (described["version"], described["metadata"]["state"]) == ("v99.0.0", "published")


def test_a_program_finds_the_local_cloud(cloud: Cloud, registry: ModelRegistry) -> None:
    code = "from infra import registry; print(*registry.local().list_versions('sentiment'))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=cloud.root, env=cloud.environment, capture_output=True, text=True
    )
    assert run.stdout.split() == registry.list_versions("sentiment"), run.stderr


def test_a_version_is_tried_while_another_one_answers(cloud: Cloud, registry: ModelRegistry) -> None:
    live = registry.get_deployed_version("sentiment")
    assert asked(cloud, "/ml-models/sentiment/health?version=latest")["version"] == "v99.0.0"
    for name in ("sentiment", "tickets"):
        health = asked(cloud, f"/ml-models/{name}/health")
        assert (health["status"], health["loadable"]) == ("healthy", True)
    assert cloud.call("/sentiment/predict", {"text": "良い"})[1]["model_version"] == live


def test_a_deployment_and_the_way_back_are_in_the_history(cloud: Cloud, registry: ModelRegistry) -> None:
    live = registry.get_deployed_version("sentiment")
    registry.deploy_model("sentiment", "v99.0.0", reason="to see", force=True)
    assert asked(cloud, "/ml-models/sentiment")["deployed_version"] == "v99.0.0"
    registry.rollback("sentiment", reason="seen")
    changes = asked(cloud, "/ml-models/sentiment/history")["changes"]
    assert [(one["action"], one["after"]) for one in changes[:2]] == [
        ("rollback", live),
        ("promote", "v99.0.0"),
    ]


def test_it_takes_a_key_and_a_model_that_there_is(cloud: Cloud) -> None:
    assert cloud.call("/ml-models", key="no-such-key")[0] == 403
    assert cloud.call("/ml-models/nobody/health")[0] == 404
