from dataclasses import replace

import pytest

from coldframe.errors import ChangeRefused, ObjectNotFound, UnknownModel, VersionTaken
from coldframe.manifest import Manifest
from coldframe.registry import manifest_key, read_aliases, read_history
from models.forge.model_registry import ModelRegistry
from models.forge.version import Version
from tests import made


@pytest.fixture
def registry() -> ModelRegistry:
    return ModelRegistry(made.memory_store())


def version(number: str, seed: int = 0, **fields: object) -> Version:
    data = made.weights(seed)
    manifest: Manifest = replace(made.manifest(number, data), **fields)  # type: ignore[arg-type]
    return Version(manifest, {"weights.npz": data})


def figures(value: float) -> dict[str, object]:
    return {"figures": [{"dataset": "held out", "metric": "accuracy", "value": value}]}


def revision(registry: ModelRegistry) -> int:
    return read_aliases(registry.store, "sentiment")[0].revision


def test_a_model_is_registered_deployed_and_rolled_back(registry: ModelRegistry) -> None:
    for at, number in enumerate(("v1.9.0", "v1.10.0", "v2.0.0")):
        assert registry.register_model(version(number, at)) == number
    assert registry.list_versions("sentiment") == ["v1.9.0", "v1.10.0", "v2.0.0"]
    assert registry.get_latest_version("sentiment") == "v2.0.0"
    assert registry.get_deployed_version("sentiment") == "v1.9.0"  # the first one is live at once
    registry.deploy_model("sentiment", "v1.10.0", reason="better on May's reviews")
    registry.deploy_model("sentiment", "v2.0.0")
    assert registry.get_deployed_version("sentiment") == "v2.0.0"
    registry.rollback("sentiment", steps=2, reason="customers complain")
    assert registry.get_deployed_version("sentiment") == "v1.9.0"
    history = read_history(registry.store, "sentiment")
    assert [change.why for change in history] == [
        "register_model",
        "better on May's reviews",
        "deploy_model",
        "customers complain",
    ]


def test_a_repetition_changes_nothing(registry: ModelRegistry) -> None:
    registry.register_model(version("v1.0.0"))
    registry.register_model(version("v1.1.0", 1))
    for _ in range(2):
        registry.deploy_model("sentiment", "v1.1.0")
        registry.register_model(version("v1.0.0"))
        registry.register_model(version("v1.1.0", 1))
    assert (revision(registry), registry.get_deployed_version("sentiment")) == (2, "v1.1.0")
    for _ in range(2):
        registry.rollback("sentiment", to="v1.0.0")
    assert (revision(registry), registry.get_deployed_version("sentiment")) == (3, "v1.0.0")


def test_environments_have_versions_of_their_own(registry: ModelRegistry) -> None:
    registry.register_model(version("v1.0.0"))
    registry.register_model(version("v1.1.0", 1))
    assert registry.get_deployed_version("sentiment", "staging") is None
    registry.deploy_model("sentiment", "v1.1.0", "staging", "to be tried by the testers")
    assert registry.get_deployed_version("sentiment", "staging") == "v1.1.0"
    assert registry.get_deployed_version("sentiment") == "v1.0.0"
    staging = ModelRegistry(registry.store, "staging")
    assert staging.get_deployed_version("sentiment") == "v1.1.0"
    assert staging.get_model_info("sentiment").metadata.state == "champion"
    assert registry.get_model_info("sentiment").metadata.state == "published"


@pytest.mark.parametrize("method", ["deploy_model", "get_deployed_version", "rollback"])
def test_a_misspelt_environment_is_refused(registry: ModelRegistry, method: str) -> None:
    registry.register_model(version("v1.0.0"))
    words = ["sentiment", *(["v1.0.0"] if method == "deploy_model" else []), "prod"]
    with pytest.raises(ChangeRefused, match="no environment prod: name production or staging"):
        getattr(registry, method)(*words)
    assert revision(registry) == 1


def test_a_version_says_what_its_manifest_says(registry: ModelRegistry) -> None:
    registry.register_model(version("v1.0.0", metrics=figures(0.9), parity={"verdict": "SAFE"}))
    registry.register_model(version("v1.1.0", 1))
    info = registry.get_model_info("sentiment", "v1.0.0")
    assert (info.model_type, info.version, info.deployed_version) == ("sentiment", "v1.0.0", "v1.0.0")
    assert (info.available, info.metadata.state, info.metadata.gate) == (True, "champion", "SAFE")
    assert info.metadata.metrics == figures(0.9)
    assert registry.get_model_info("sentiment").version == "v1.1.0"


def test_the_same_version_with_other_bytes_is_refused(registry: ModelRegistry) -> None:
    registry.register_model(version("v1.0.0"))
    with pytest.raises(VersionTaken, match=r"give a new one"):
        registry.register_model(version("v1.0.0", 1))


def test_what_is_worse_goes_live_by_force_only(registry: ModelRegistry) -> None:
    registry.register_model(version("v1.0.0", metrics=figures(0.9)))
    registry.register_model(version("v1.1.0", 1, metrics=figures(0.8)))
    with pytest.raises(ChangeRefused, match=r"accuracy on held out is 0\.800"):
        registry.deploy_model("sentiment", "v1.1.0")
    assert registry.get_deployed_version("sentiment") == "v1.0.0"
    registry.deploy_model("sentiment", "v1.1.0", reason="it is fairer", force=True)
    assert registry.get_deployed_version("sentiment") == "v1.1.0"
    assert "it is fairer (forced, though accuracy" in read_history(registry.store, "sentiment")[-1].why


def test_what_is_not_there_is_refused_with_what_is(registry: ModelRegistry) -> None:
    registry.register_model(version("v1.0.0"))
    with pytest.raises(ChangeRefused, match=r"v3\.0\.0 is not published; there is v1\.0\.0"):
        registry.deploy_model("sentiment", "v3.0.0")
    with pytest.raises(ChangeRefused, match="before what is live there is none"):
        registry.rollback("sentiment")
    with pytest.raises(UnknownModel, match=r"there is v1\.0\.0"):
        registry.get_model_info("sentiment", "v3.0.0")
    with pytest.raises(UnknownModel, match="there is sentiment"):
        registry.get_deployed_version("nobody")
    with pytest.raises(UnknownModel, match="register one"):
        registry.get_latest_version("nobody")


def test_a_version_whose_publishing_was_cut_short_is_none(registry: ModelRegistry) -> None:
    registry.register_model(version("v1.0.0"))
    registry.store.create("models/sentiment/v1.1.0/weights.npz", b"")
    with pytest.raises(ObjectNotFound):
        registry.store.get(manifest_key("sentiment", "v1.1.0"), 1)
    assert registry.list_versions("sentiment") == ["v1.0.0"]
