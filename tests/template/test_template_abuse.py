"""What keeps the API from abuse, with each parameter on and off: keys, firewall, signatures, CORS."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from coldframe import limits
from coldframe.headers import SECURITY_HEADERS
from infra.local.settings import THROTTLED_PLAN
from tests.template.expansion import Json, deployed, resources, source

RESPONSE_HEADER = "gatewayresponse.header."
PREFLIGHT_HEADER = "method.response.header."


def permits(parameter: str, value: str) -> bool:
    return bool(re.fullmatch(source()["Parameters"][parameter]["AllowedPattern"], value))


# ---- keys


@pytest.mark.parametrize(
    ("choice", "keys"),
    [
        ({}, {"ApiKey"}),
        ({"ApiKeys": "both"}, {"ApiKey", "SecondApiKey"}),
        ({"ApiKeys": "second"}, {"SecondApiKey"}),
    ],
)
def test_one_key_or_two_for_a_rotation_are_in_the_one_plan(choice: dict[str, str], keys: set[str]) -> None:
    stack = deployed(**choice)
    assert resources(stack, "AWS::ApiGateway::ApiKey").keys() == keys
    assert {key["KeyId"] for key in resources(stack, "AWS::ApiGateway::UsagePlanKey").values()} == keys
    assert {out["Value"] for name, out in stack["Outputs"].items() if name.endswith("ApiKeyId")} == keys
    assert len(resources(stack, "AWS::ApiGateway::UsagePlan")) == 1


def test_the_local_throttled_key_has_the_plan_of_the_template() -> None:
    parameters = source()["Parameters"]
    plan = (parameters["RateLimitPerSecond"]["Default"], parameters["BurstLimit"]["Default"])
    assert plan == (THROTTLED_PLAN.rate_per_second, THROTTLED_PLAN.burst_count)


# ---- firewall


def test_without_a_limit_there_is_no_firewall() -> None:
    assert not [name for name, r in deployed()["Resources"].items() if r["Type"].startswith("AWS::WAFv2")]


def test_the_firewall_blocks_an_address_by_its_rate_and_nothing_else() -> None:
    stack = deployed(WafRequestsPer5Minutes="2000")
    ((name, firewall),) = resources(stack, "AWS::WAFv2::WebACL").items()
    assert (firewall["Scope"], firewall["DefaultAction"]) == ("REGIONAL", {"Allow": {}})
    assert firewall["VisibilityConfig"]["CloudWatchMetricsEnabled"] is True
    (rule,) = firewall["Rules"]
    assert rule["Action"] == {"Block": {}}
    assert rule["VisibilityConfig"]["CloudWatchMetricsEnabled"] is True
    assert rule["Statement"] == {
        "RateBasedStatement": {"AggregateKeyType": "IP", "EvaluationWindowSec": 300, "Limit": "2000"}
    }
    ((stage, _),) = resources(stack, "AWS::ApiGateway::Stage").items()
    (association,) = resources(stack, "AWS::WAFv2::WebACLAssociation").values()
    assert association == {
        "ResourceArn": f"arn:aws:apigateway:us-east-1::/restapis/Api/stages/{stage}",
        "WebACLArn": f"{name}.Arn",
    }


def test_the_firewalls_limit_is_none_or_one_that_waf_takes() -> None:
    assert all(permits("WafRequestsPer5Minutes", value) for value in ("0", "10", "2000", "999999999"))
    assert not any(permits("WafRequestsPer5Minutes", value) for value in ("", "9", "-10", "010"))


# ---- signatures


def api_functions(stack: Json) -> dict[str, Json]:
    aliases = resources(stack, "AWS::Lambda::Alias")
    behind = {
        aliases[p["FunctionName"]]["FunctionName"]
        for p in resources(stack, "AWS::Lambda::Permission").values()
        if p["Principal"] == "apigateway.amazonaws.com"
    }
    return {n: f for n, f in resources(stack, "AWS::Lambda::Function").items() if n in behind}


def secrets_of(function: Json) -> str | None:
    found: str | None = function["Environment"]["Variables"].get("SIGNING_SECRETS")
    return found


def test_without_signatures_there_is_no_secret_and_nothing_may_write() -> None:
    stack = deployed()
    assert "SigningSecret" not in stack["Resources"]
    assert "SignaturePolicy" not in stack["Resources"]
    assert "SigningSecretArn" not in stack["Outputs"]
    assert not any(map(secrets_of, resources(stack, "AWS::Lambda::Function").values()))


@pytest.mark.parametrize(
    ("choice", "secrets"),
    [
        ("on", "{{resolve:secretsmanager:SigningSecret:SecretString}}"),
        (
            "rotating",
            "{{resolve:secretsmanager:SigningSecret:SecretString}},"
            "{{resolve:secretsmanager:SigningSecret:SecretString::AWSPREVIOUS}}",
        ),
    ],
)
def test_with_signatures_functions_behind_the_api_know_the_secret(choice: str, secrets: str) -> None:
    """And the one that tries them before they get traffic."""
    stack = deployed(RequestSignature=choice)
    behind = api_functions(stack)
    assert behind
    for name, function in resources(stack, "AWS::Lambda::Function").items():
        assert secrets_of(function) == (secrets if name in {*behind, "HookFunction"} else None)
    generated = resources(stack, "AWS::SecretsManager::Secret")["SigningSecret"]["GenerateSecretString"]
    assert generated["PasswordLength"] >= 32
    assert generated["ExcludePunctuation"] is True
    assert stack["Outputs"]["SigningSecretArn"]["Value"] == "SigningSecret"


def test_with_signatures_they_may_note_one_and_nothing_more() -> None:
    stack = deployed(RequestSignature="on")
    policy = stack["Resources"]["SignaturePolicy"]["Properties"]
    assert sorted(policy["Roles"]) == sorted(
        function["Role"].removesuffix(".Arn") for function in api_functions(stack).values()
    )
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("s3:PutObject", "ModelBucket.Arn/signatures/*")


def test_used_signatures_are_forgotten_when_none_of_them_can_come_again() -> None:
    rules = deployed()["Resources"]["ModelBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (rule,) = (rule for rule in rules if rule.get("Prefix") == "signatures/")
    assert rule["ExpirationInDays"] * 86_400 > 2 * limits.SIGNATURE_WINDOW_SECONDS
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


# ---- CORS


def preflights(stack: Json) -> Iterator[Json]:
    for operations in stack["Resources"]["Api"]["Properties"]["Body"]["paths"].values():
        (answer,) = operations["options"]["x-amazon-apigateway-integration"]["responses"].values()
        yield answer["responseParameters"]


def gateway_headers(stack: Json) -> Iterator[Json]:
    body = stack["Resources"]["Api"]["Properties"]["Body"]
    for response in body["x-amazon-apigateway-gateway-responses"].values():
        yield {k.removeprefix(RESPONSE_HEADER): v for k, v in response["responseParameters"].items()}


@pytest.mark.parametrize("origin", ["*", "https://example.com"])
def test_an_allowed_origin_is_told_to_browsers(origin: str) -> None:
    stack = deployed(AllowedOrigin=origin)
    for headers in preflights(stack):
        assert headers[PREFLIGHT_HEADER + "Access-Control-Allow-Origin"] == f"'{origin}'"
        allowed = headers[PREFLIGHT_HEADER + "Access-Control-Allow-Headers"].strip("'").split(",")
        assert set(allowed) == {"content-type", "x-api-key", "x-routing-key", "x-signature"}
    assert all(headers["Access-Control-Allow-Origin"] == f"'{origin}'" for headers in gateway_headers(stack))


def test_without_an_origin_no_answer_speaks_of_cors() -> None:
    stack = deployed(AllowedOrigin="")
    assert not any(preflights(stack))
    spoken = {name for headers in gateway_headers(stack) for name in headers}
    assert not [name for name in spoken if name.startswith("Access-Control")]
    for function in api_functions(stack).values():
        assert function["Environment"]["Variables"]["ALLOWED_ORIGIN"] == ""


def test_an_origin_is_one_and_nothing_else() -> None:
    assert all(permits("AllowedOrigin", o) for o in ("", "*", "https://a.example", "http://localhost:8080"))
    assert not any(permits("AllowedOrigin", o) for o in ("'", "a.example", "https://a.example/", "https://*"))


# ---- headers


def test_the_gateways_own_answers_have_the_security_headers_of_the_functions() -> None:
    expected: dict[str, Any] = {**SECURITY_HEADERS, "cache-control": "no-store"}
    for headers in gateway_headers(deployed()):
        told = {name.lower(): value[1:-1] for name, value in headers.items()}
        assert expected.items() <= told.items()
