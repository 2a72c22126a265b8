"""Signed models, with the parameter ModelSigning at each of its values."""

import pytest

from infra.local.intrinsics import Resolver
from tests.template.expansion import Json, deployed, expand, resources, source

KEY = "MFkwEwYHKoZIzj0CAQ=="


def functions(stack: Json) -> dict[str, Json]:
    return resources(stack, "AWS::Lambda::Function")


def test_by_default_there_is_no_key_no_layer_and_nothing_is_checked() -> None:
    stack = deployed()
    assert not [name for name, r in stack["Resources"].items() if r["Type"].startswith("AWS::KMS")]
    assert len(resources(stack, "AWS::Lambda::LayerVersion")) == 1
    assert "ModelKeyArn" not in stack["Outputs"]
    for function in functions(stack).values():
        variables = function["Environment"]["Variables"]
        assert variables["REQUIRE_SIGNATURE"] == "off"
        assert "MODEL_PUBLIC_KEYS" not in variables


@pytest.mark.parametrize("choice", ["key", "required"])
def test_the_key_signs_on_p256_and_outlives_the_stack(choice: str) -> None:
    stack = deployed(ModelSigning=choice, ModelPublicKeys=KEY)
    key = stack["Resources"]["ModelKey"]
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert key["Properties"]["KeySpec"] == "ECC_NIST_P256"
    assert key["Properties"]["KeyUsage"] == "SIGN_VERIFY"
    (alias,) = resources(stack, "AWS::KMS::Alias").values()
    assert (alias["AliasName"], alias["TargetKeyId"]) == ("alias/coldframe-local", "ModelKey")
    assert stack["Outputs"]["ModelKeyArn"]["Value"] == "ModelKey.Arn"
    assert stack["Outputs"]["ModelSigning"]["Value"] == choice


def test_the_keys_policy_leaves_it_to_iam_and_allows_no_grant_and_no_other_account() -> None:
    policy = deployed(ModelSigning="key")["Resources"]["ModelKey"]["Properties"]["KeyPolicy"]
    for statement in policy["Statement"]:
        assert statement["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert {"kms:Sign", "kms:GetPublicKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"} <= actions
    assert not [action for action in actions if "*" in action or "Grant" in action]


def test_no_function_may_use_the_key() -> None:
    roles = resources(deployed(ModelSigning="required", ModelPublicKeys=KEY), "AWS::IAM::Role")
    assert "kms:" not in str(roles)


def test_a_key_alone_checks_nothing() -> None:
    stack = deployed(ModelSigning="key", ModelPublicKeys=KEY)
    assert len(resources(stack, "AWS::Lambda::LayerVersion")) == 1
    assert {f["Environment"]["Variables"]["REQUIRE_SIGNATURE"] for f in functions(stack).values()} == {"off"}


def test_where_required_every_function_has_the_keys_and_the_layer_that_checks() -> None:
    stack = deployed(ModelSigning="required", ModelPublicKeys=KEY)
    layers = resources(stack, "AWS::Lambda::LayerVersion")
    assert len(layers) == 2
    for function in functions(stack).values():
        assert sorted(function["Layers"]) == sorted(layers)
        variables = function["Environment"]["Variables"]
        assert (variables["REQUIRE_SIGNATURE"], variables["MODEL_PUBLIC_KEYS"]) == ("on", KEY)


@pytest.mark.parametrize(
    ("choice", "keys", "accepted"),
    [("off", "", True), ("key", "", True), ("required", "", False), ("required", KEY, True)],
)
def test_required_without_a_key_is_refused_when_deployed(choice: str, keys: str, accepted: bool) -> None:
    template = expand()
    given = {"Environment": "prod", "CodeHash": "0" * 64, "ModelSigning": choice, "ModelPublicKeys": keys}
    resolver = Resolver(template, given, lambda name: name, lambda name, attribute: name)
    (rule,) = template["Rules"].values()
    (assertion,) = rule["Assertions"]
    assert "ModelPublicKeys" in assertion["AssertDescription"]
    held = not resolver.value(rule["RuleCondition"]) or resolver.value(assertion["Assert"])
    assert held is accepted


def test_the_layer_is_kept_for_the_versions_that_use_it() -> None:
    layer = next(r for name, r in expand()["Resources"].items() if name.startswith("SigningLayer"))
    assert layer["DeletionPolicy"] == "Retain"
    assert source()["Resources"]["SigningLayer"]["Metadata"]["BuildMethod"] == "makefile"
