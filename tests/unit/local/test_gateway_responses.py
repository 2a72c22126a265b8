import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.errors import TemplateRefused
from infra.local.gateway_responses import DEFAULTS, GatewayError, check_response, render
from infra.local.stack import GatewayResponse

CONTEXT = {"requestId": "r-1", "path": "/v1/a"}
ERROR = '"e": "$context.error.validationErrorString", "m":$context.error.messageString'
TEMPLATE = '{"id": "${context.requestId}", ' + ERROR + "}"


def response(status: int | None = None, template: str = TEMPLATE, **headers: str) -> GatewayResponse:
    return GatewayResponse(status, headers, {"application/json": template})


@pytest.mark.parametrize("kind", sorted(DEFAULTS))
def test_without_a_form_of_its_own_a_type_has_awss(kind: str) -> None:
    rendered = render(GatewayError(kind), {}, CONTEXT, {})
    assert rendered.status == DEFAULTS[kind].status
    assert json.loads(rendered.body) == {"message": DEFAULTS[kind].message}
    assert rendered.headers["x-amzn-ErrorType"] == DEFAULTS[kind].error_type


@given(st.text())
def test_whatever_a_violation_says_the_answer_is_json(words: str) -> None:
    rendered = render(GatewayError("BAD_REQUEST_BODY", words), {"DEFAULT_4XX": response()}, CONTEXT, {})
    assert json.loads(rendered.body) == {"m": "Invalid request body", "e": words, "id": "r-1"}


def test_its_own_form_goes_before_the_default_one() -> None:
    responses = {"DEFAULT_4XX": response(418), "THROTTLED": response(429, '{"a": 1}')}
    assert render(GatewayError("THROTTLED"), responses, CONTEXT, {}).body == b'{"a": 1}'
    assert render(GatewayError("QUOTA_EXCEEDED"), responses, CONTEXT, {}).status == 418
    assert render(GatewayError("INTEGRATION_TIMEOUT"), responses, CONTEXT, {}).status == 504


def test_headers_are_fixed_or_from_the_context_or_the_request() -> None:
    form = GatewayResponse(
        None,
        {"content-type": "'a/b'", "X-Id": "context.requestId", "X-Own": "method.request.header.Origin"},
        {},
    )
    rendered = render(GatewayError("THROTTLED"), {"THROTTLED": form}, CONTEXT, {"Origin": "here"})
    assert dict(rendered.headers) == {
        "content-type": "a/b",
        "X-Id": "r-1",
        "X-Own": "here",
        "x-amzn-ErrorType": "TooManyRequestsException",
    }


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("THROTTELED", response()),
        ("THROTTLED", response(template="$context.authorizer.name")),
        ("THROTTLED", response(template="$input.body")),
        ("THROTTLED", response(template="#set($a = 1)")),
        ("THROTTLED", response(x="plain")),
        ("THROTTLED", response(x="context.authorizer.name")),
    ],
)
def test_what_would_be_rendered_otherwise_than_in_aws_is_refused(kind: str, form: GatewayResponse) -> None:
    with pytest.raises(TemplateRefused, match="Api"):
        check_response(f"Api: gateway response {kind}", kind, form)
