import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.gateway_responses import GatewayError
from infra.local.routing import Router
from infra.local.stack import Route

SEGMENT = st.text("abcdefghij-._~%20", min_size=1)


def route(method: str, path: str) -> Route:
    return Route(method, path, f"{method} {path}", key_required=False, models={})


ROUTER = Router(
    "v1",
    [
        route("ANY", "/{proxy+}"),
        route("GET", "/models/{name}"),
        route("GET", "/models/all"),
        route("ANY", "/models/all"),
        route("POST", "/models/{name}/versions/{proxy+}"),
        route("GET", "/"),
    ],
)


@pytest.mark.parametrize(
    ("method", "path", "target", "parameters"),
    [
        ("GET", "/v1/", "GET /", {}),
        ("GET", "/v1/models/all", "GET /models/all", {}),
        ("PUT", "/v1/models/all", "ANY /models/all", {}),
        ("GET", "/v1/models/a%20b", "GET /models/{name}", {"name": "a%20b"}),
        ("GET", "/v1/m%6fdels/all", "GET /models/all", {}),
        (
            "POST",
            "/v1/models/a/versions/1/2",
            "POST /models/{name}/versions/{proxy+}",
            {"name": "a", "proxy": "1/2"},
        ),
        ("GET", "/v1/models/a/b", "ANY /{proxy+}", {"proxy": "models/a/b"}),
    ],
)
def test_most_specific_resource_wins(method: str, path: str, target: str, parameters: dict[str, str]) -> None:
    match = ROUTER.match(method, path)
    assert (match.route.target, match.parameters) == (target, parameters)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/models/a"),  # the resource is there, the method is not
        ("GET", "/"),
        ("GET", "/v2/models/all"),
        ("GET", "/v1models/all"),
        ("GET", "/v1"),
        ("POST", "/v1/"),
    ],
)
def test_what_has_no_route_is_missing_a_token(method: str, path: str) -> None:
    with pytest.raises(GatewayError, match="MISSING_AUTHENTICATION_TOKEN"):
        ROUTER.match(method, path)


@given(st.lists(SEGMENT, min_size=1))
def test_any_path_goes_through_a_greedy_route(segments: list[str]) -> None:
    path = "/".join(segments)
    match = Router("v1", [route("ANY", "/{proxy+}")]).match("GET", f"/v1/{path}")
    assert (match.path, match.parameters) == (f"/{path}", {"proxy": path})
