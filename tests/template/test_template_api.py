"""The REST API: routes, keys, models, the gateway's own answers, the stage."""

import json
import re
from collections.abc import Iterator

import pytest
from jsonschema import Draft4Validator

from coldframe import limits
from tests.endpoints import ANSWERED_AT
from tests.template.expansion import Json, resources

ROUTES_OF_A_MODEL = {
    ("post", "batch"): True,
    ("get", "model-info"): True,
    ("get", "health"): True,
    ("get", "healthz"): False,
    ("get", "openapi.json"): False,
}
ROUTES_NEED_KEY = (
    {
        (method, f"/{name}/{route}"): needs_key
        for name, answered_at in ANSWERED_AT.items()
        for (method, route), needs_key in (ROUTES_OF_A_MODEL | {("post", answered_at): True}).items()
    }
    | {
        ("get", f"{prefix}/ml-models{route}"): True
        for prefix in ("", "/api/v1")
        for route in ("", "/{model_type}", "/{model_type}/health", "/{model_type}/history")
    }
    | {
        ("get", "/ml-models/healthz"): False,
        ("get", "/ml-models/openapi.json"): False,
        ("post", "/batches"): True,
        ("get", "/batches"): True,
        ("get", "/batches/{job_id}"): True,
        ("get", "/batches/healthz"): False,
        ("get", "/batches/openapi.json"): False,
        ("get", "/metrics"): True,
        ("get", "/moderation/metrics"): True,
        ("get", "/metrics/healthz"): False,
        ("get", "/metrics/openapi.json"): False,
        ("get", "/v2"): True,
        ("get", "/v2/health/live"): False,
        ("get", "/v2/health/ready"): True,
        ("get", "/v2/models/{model}"): True,
        ("get", "/v2/models/{model}/ready"): True,
        ("post", "/v2/models/{model}/infer"): True,
        ("get", "/v2/models/{model}/versions/{version}"): True,
        ("get", "/v2/models/{model}/versions/{version}/ready"): True,
        ("post", "/v2/models/{model}/versions/{version}/infer"): True,
        ("get", "/v2/openapi.json"): False,
    }
)
GATEWAY_STATUSES = {
    "ACCESS_DENIED": "403",
    "BAD_REQUEST_BODY": "422",
    "BAD_REQUEST_PARAMETERS": "400",
    "DEFAULT_4XX": None,  # a status here would become that of every other 4xx
    "DEFAULT_5XX": None,
    "INTEGRATION_FAILURE": "502",
    "INTEGRATION_TIMEOUT": "504",
    "INVALID_API_KEY": "403",
    "MISSING_AUTHENTICATION_TOKEN": "404",
    "QUOTA_EXCEEDED": "429",
    "REQUEST_TOO_LARGE": "413",
    "RESOURCE_NOT_FOUND": "404",
    "THROTTLED": "429",
    "UNAUTHORIZED": "401",
    "UNSUPPORTED_MEDIA_TYPE": "415",
    "WAF_FILTERED": "403",
}
ALLOWED_ORIGIN = {"Fn::If": ["AllowsOrigin", {"Fn::Sub": "'${AllowedOrigin}'"}, {"Ref": "AWS::NoValue"}]}
# As API Gateway puts them in: a text is escaped for JSON, but not quoted.
CONTEXT = {
    "$context.requestId": "41b45ea3-70b5-11e6-b7bd-69b5aaebc7d9",
    "$context.error.validationErrorString": json.dumps(
        '[instance type (array) does not match any allowed primitive type (allowed: ["object"])]'
    )[1:-1],
}


def methods(api: Json) -> Iterator[tuple[tuple[str, str], Json]]:
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            if method != "options":
                yield (method, path), operation


def gateway_responses(api: Json) -> dict[str, Json]:
    responses: dict[str, Json] = api["x-amazon-apigateway-gateway-responses"]
    return responses


def gateway_body(response: Json) -> Json:
    (text,) = response["responseTemplates"].values()
    for variable, value in CONTEXT.items():
        text = text.replace(variable, value)
    assert "$context" not in text
    body: Json = json.loads(text)
    return body


def test_each_route_needs_a_key_or_is_meant_not_to(api: Json) -> None:
    assert {route: bool(operation["security"]) for route, operation in methods(api)} == ROUTES_NEED_KEY
    assert api["components"]["securitySchemes"]["api_key"] == {
        "type": "apiKey",
        "name": "x-api-key",
        "in": "header",
    }


def test_every_route_calls_the_alias_and_never_the_latest_code(api: Json, template: Json) -> None:
    aliases = resources(template, "AWS::Lambda::Alias")
    for _, operation in methods(api):
        integration = operation["x-amazon-apigateway-integration"]
        assert integration["type"] == "aws_proxy"
        called = re.findall(r"functions/\$\{(\w+)\}/invocations", integration["uri"]["Fn::Sub"])
        assert set(called) <= aliases.keys()
        assert called


def test_every_permission_to_invoke_is_on_an_alias(template: Json) -> None:
    permissions = resources(template, "AWS::Lambda::Permission")
    of_the_api = [p for p in permissions.values() if p["Principal"] == "apigateway.amazonaws.com"]
    assert len(of_the_api) == len(ROUTES_NEED_KEY)
    for permission in permissions.values():
        assert permission["FunctionName"]["Ref"] in resources(template, "AWS::Lambda::Alias")


@pytest.mark.parametrize(("name", "answered_at"), ANSWERED_AT.items())
def test_a_body_is_checked_against_its_model_before_a_function_starts(
    api: Json, name: str, answered_at: str
) -> None:
    predict = api["paths"][f"/{name}/{answered_at}"]["post"]
    validator = api["x-amazon-apigateway-request-validators"][
        predict["x-amazon-apigateway-request-validator"]
    ]
    assert validator["validateRequestBody"] is True
    assert predict["requestBody"]["required"] is True
    reference = predict["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert reference == f"#/components/schemas/{name}request"


def test_the_sentiment_model_stops_only_what_is_ten_times_over_the_limit(api: Json) -> None:
    schema = api["components"]["schemas"]["sentimentrequest"]
    Draft4Validator.check_schema(schema)
    model = Draft4Validator(schema)
    near_miss = "あ" * (limits.TEXT_MAX_CHARS * 10)
    assert model.is_valid({"text": near_miss})
    assert model.is_valid({"texts": [near_miss] * 2})
    assert model.is_valid({"texts": ["あ"] * (limits.TEXTS_MAX_COUNT * 10)})
    assert not model.is_valid({"text": near_miss + "あ"})
    assert not model.is_valid({"texts": [near_miss + "あ"]})
    assert not model.is_valid({"texts": ["あ"] * (limits.TEXTS_MAX_COUNT * 10 + 1)})
    assert model.is_valid({"text": 1})  # the function says which field; the gateway would not
    assert not model.is_valid(["あ"])


def test_the_moderation_model_does_the_same_for_its_longer_texts(api: Json) -> None:
    model = Draft4Validator(api["components"]["schemas"]["moderationrequest"])
    near_miss = "a" * 100_000
    assert model.is_valid({"texts": [near_miss], "text": near_miss, "explain": True})
    assert not model.is_valid({"text": near_miss + "a"})
    assert not model.is_valid({"texts": [near_miss + "a"]})
    assert not model.is_valid({"texts": ["a"] * 10_001})


def test_the_tickets_model_does_the_same_and_leaves_the_tiers_to_the_function(api: Json) -> None:
    model = Draft4Validator(api["components"]["schemas"]["ticketsrequest"])
    near_miss = "a" * (limits.LONG_TEXT_MAX_CHARS * 10)
    assert model.is_valid({"texts": [near_miss], "text": near_miss, "tiers": "all"})
    assert not model.is_valid({"text": near_miss + "a"})
    assert not model.is_valid({"texts": [near_miss + "a"]})
    assert model.is_valid({"texts": ["a"] * (limits.TICKETS_MAX_COUNT * 10)})
    assert not model.is_valid({"texts": ["a"] * (limits.TICKETS_MAX_COUNT * 10 + 1)})
    assert not model.is_valid(["a"])


def test_no_model_is_composed_because_the_import_would_drop_it_in_silence(api: Json) -> None:
    written = json.dumps(api["components"]["schemas"])
    assert not re.search(r'"(anyOf|oneOf|allOf|not)"', written)


def test_every_kind_of_gateway_answer_is_there_with_its_status(api: Json) -> None:
    statuses = {kind: response.get("statusCode") for kind, response in gateway_responses(api).items()}
    assert statuses == GATEWAY_STATUSES


@pytest.mark.parametrize("kind", GATEWAY_STATUSES)
def test_gateway_answers_are_problems_with_a_request_id_and_cors(kind: str, api: Json) -> None:
    response = gateway_responses(api)[kind]
    headers = response["responseParameters"]
    assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
    assert headers["gatewayresponse.header.Access-Control-Allow-Origin"] == ALLOWED_ORIGIN
    assert list(response["responseTemplates"]) == ["application/json"]

    problem = gateway_body(response)
    assert re.fullmatch(r"urn:coldframe:problem:[a-z-]+", problem["type"])
    assert problem["title"]
    assert problem["detail"].endswith(".")
    assert problem["request_id"] == CONTEXT["$context.requestId"]
    status = GATEWAY_STATUSES[kind]
    assert problem.get("status") == (int(status) if status else None)


@pytest.mark.parametrize("kind", ["THROTTLED", "QUOTA_EXCEEDED"])
def test_who_sends_too_much_is_told_when_to_come_back(kind: str, api: Json) -> None:
    retry_after = gateway_responses(api)[kind]["responseParameters"]["gatewayresponse.header.Retry-After"]
    assert re.fullmatch(r"'[1-9]\d*'", retry_after)


def test_an_invalid_body_is_told_what_is_wrong_with_it(api: Json) -> None:
    problem = gateway_body(gateway_responses(api)["BAD_REQUEST_BODY"])
    (error,) = problem["errors"]
    assert '(allowed: ["object"])' in error["detail"]
    assert "openapi.json" in problem["detail"]


def test_a_browser_may_ask_first_without_a_key(api: Json) -> None:
    for operations in api["paths"].values():
        preflight = operations["options"]
        assert not preflight.get("security")
        headers = preflight["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"]
        assert headers["method.response.header.Access-Control-Allow-Origin"] == ALLOWED_ORIGIN


def test_there_is_one_stage(template: Json) -> None:
    (stage,) = resources(template, "AWS::ApiGateway::Stage").values()
    assert stage["StageName"] == "v1"
    assert stage["TracingEnabled"] is True


def test_the_stage_limits_all_keys_together_and_routes_without_a_key_more(template: Json) -> None:
    (stage,) = resources(template, "AWS::ApiGateway::Stage").values()
    settings = {
        (setting["HttpMethod"], setting["ResourcePath"]): setting for setting in stage["MethodSettings"]
    }
    ceiling = settings["*", "/*"]
    assert ceiling["ThrottlingBurstLimit"] >= ceiling["ThrottlingRateLimit"] > 0
    for (method, path), needs_key in ROUTES_NEED_KEY.items():
        if not needs_key:
            own = settings[method.upper(), "/" + path.replace("/", "~1")]
            assert own["ThrottlingRateLimit"] < ceiling["ThrottlingRateLimit"]
            assert own["ThrottlingBurstLimit"] < ceiling["ThrottlingBurstLimit"]


def test_access_logs_are_json_lines_with_the_request_id(template: Json) -> None:
    (stage,) = resources(template, "AWS::ApiGateway::Stage").values()
    log = stage["AccessLogSetting"]
    assert log["DestinationArn"] == {"Fn::GetAtt": ["ApiLogGroup", "Arn"]}
    assert "\n" not in log["Format"]
    assert json.loads(log["Format"])["request_id"] == "$context.requestId"


def test_access_logs_wait_for_the_accounts_role(template: Json) -> None:
    assert template["Resources"]["Api"]["DependsOn"] == "ApiAccount"
    for name in ("ApiAccount", "ApiAccountRole"):
        assert template["Resources"][name]["Condition"] == "CreatesApiLoggingRole"
        assert template["Resources"][name]["DeletionPolicy"] == "Retain"


def test_a_key_has_a_rate_a_burst_and_a_quota(template: Json) -> None:
    (plan_id, plan), *_ = resources(template, "AWS::ApiGateway::UsagePlan").items()
    (stage_id,) = resources(template, "AWS::ApiGateway::Stage")
    assert plan["ApiStages"] == [{"ApiId": {"Ref": "Api"}, "Stage": {"Ref": stage_id}}]
    assert plan["Throttle"] == {
        "RateLimit": {"Ref": "RateLimitPerSecond"},
        "BurstLimit": {"Ref": "BurstLimit"},
    }
    assert plan["Quota"] == {"Limit": {"Ref": "QuotaPerDay"}, "Period": "DAY"}
    for key in resources(template, "AWS::ApiGateway::UsagePlanKey").values():
        assert (key["KeyType"], key["UsagePlanId"]) == ("API_KEY", {"Ref": plan_id})
