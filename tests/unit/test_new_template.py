"""What template.yaml says of a model, said of another, and taken back byte for byte."""

import re

import pytest
import yaml
from samtranslator.yaml_helper import yaml_parse

from infra.cli.new import template
from infra.cli.new.template import LIKE, stretches
from tests.handlers import ROOT


def of_the_project() -> str:
    """The template without what a user made: these tests are to pass beside it."""
    text = (ROOT / "template.yaml").read_bytes().decode()
    for name in template.made(text):
        text = template.remove(text, name)
    return text


TEXT = of_the_project()


def said_of(text: str, name: str) -> set[str]:
    lines = text.splitlines(keepends=True)
    return {"".join(lines[begin:behind]).strip() for begin, behind in stretches(lines, name)}


@pytest.mark.parametrize(
    "name", ["complaints", "a", "sentiment2", "sentimental", "x" * 30, "signing", "alarm"]
)
def test_what_is_added_can_be_taken_back_byte_for_byte(name: str) -> None:
    added = template.add(TEXT, name, 10_000)
    assert yaml_parse(added)["Resources"][f"{name.capitalize()}Function"]
    assert added != TEXT
    assert template.remove(added, name) == TEXT


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_several_can_be_added_and_taken_back_in_any_order(order: tuple[str, str]) -> None:
    first, second = order
    both = template.add(template.add(TEXT, "one", 10_000), "two", 10_000)
    assert template.made(both) == ["one", "two"]
    left = template.remove(both, first)
    assert template.made(left) == [second]
    assert left == template.add(TEXT, second, 10_000)
    assert template.remove(left, second) == TEXT


def test_what_the_user_changed_since_goes_too_and_what_stands_around_it_stays() -> None:
    added = template.add(TEXT, "complaints", 10_000)
    own = added.replace(
        "Description: Complaints of one text", "Description: Mine\n      # and mine\n      Note: one"
    )
    own = own.replace("Default: 512", "Default: 1024")
    assert template.remove(own, "complaints") == TEXT.replace("Default: 512", "Default: 1024")


def test_moderation_is_what_it_would_have_said() -> None:
    """All but the route of its metrics, which another function serves."""
    there = said_of(TEXT, "moderation")
    begins = {route for route in there if route.startswith("ModerationMetrics:")}
    said = re.sub(r"^ *# (coldframe new:|end of) moderation\n", "", newly("moderation"), flags=re.MULTILINE)
    assert len(begins) == 1
    assert there - begins == said_of(said, "moderation")


def test_a_model_can_be_like_another_with_its_limits() -> None:
    added = template.add(TEXT, "hr", None, "moderation")
    models = yaml_parse(added)["Resources"]["Api"]["Properties"]["Models"]
    assert models["HrRequest"] == models["ModerationRequest"] != models["SentimentRequest"]
    assert template.logical_ids(added, "hr") == template.logical_ids(TEXT, "moderation")
    assert template.remove(added, "hr") == TEXT


def test_its_code_is_rolled_out_with_alarms_and_a_trial_of_its_own() -> None:
    resources = yaml_parse(template.add(TEXT, "complaints", 10_000))["Resources"]
    preference = resources["ComplaintsFunction"]["Properties"]["DeploymentPreference"]
    assert [alarm["Ref"] for alarm in preference["Alarms"]] == [
        "ComplaintsVersionErrorsAlarm",
        "ComplaintsVersionDurationAlarm",
        "ComplaintsThrottlesAlarm",
    ]
    assert {alarm["Ref"] for alarm in preference["Alarms"]} <= resources.keys()
    smoke = resources["HookFunction"]["Properties"]["Environment"]["Variables"]["smoke_complaints"]
    assert smoke == {"Fn::Sub": "${ComplaintsFunction} /complaints/openapi.json"}
    assert "${ComplaintsFunction.Arn}:*" in str(resources["HookRole"])


def newly(name: str) -> str:
    """The template with a model added, after all that it says of this model was taken out."""
    lines, kept, end = TEXT.splitlines(keepends=True), [], 0
    for begin, behind in stretches(lines, name):
        kept += lines[end:begin]
        end = behind
    return template.add("".join([*kept, *lines[end:]]), name, 10_000)


def test_everything_sentiment_has_is_found() -> None:
    found = {line.strip() for one in said_of(TEXT, LIKE) for line in one.splitlines()}
    assert not [line for line in TEXT.splitlines() if LIKE in line.lower() and line.strip() not in found]
    assert {"Function", "Role", "LogGroup", "FunctionName"} <= template.logical_ids(TEXT, LIKE)


def test_no_key_stands_twice() -> None:
    """A loader that is stricter than SAM's."""

    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[object, object]:
        keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), keys
        return dict.fromkeys(keys)

    def tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> str:
        return suffix

    Strict.add_constructor("tag:yaml.org,2002:map", mapping)
    Strict.add_multi_constructor("!", tagged)
    yaml.load(template.add(TEXT, "complaints", 10_000), Strict)
