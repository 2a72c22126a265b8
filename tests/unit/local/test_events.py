import base64
import json
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from hypothesis import given
from hypothesis import strategies as st

from infra.local.events import Request, encode_event, proxy_event
from infra.local.routing import Match, Router
from infra.local.stack import Route

SAMPLE = json.loads((Path(__file__).parents[2] / "events/apigw-rest-proxy.json").read_text())
ROUTE = Route("ANY", "/open/{name}/{proxy+}", "function", key_required=False, models={})
BINARY = frozenset({"image/png"})


def event_of(request: Request, body: bytes = b"", route: Route = ROUTE) -> dict[str, object]:
    event = proxy_event(
        request, body, Router("v1", [route]).match(request.method, request.raw_path), "v1", BINARY
    )
    decoded: dict[str, object] = json.loads(encode_event(event))
    return decoded


def request_of(raw_query: str = "", headers: tuple[tuple[str, str], ...] = ()) -> Request:
    return Request("POST", "/v1/open/a/b", raw_query, headers, "192.0.2.1", "127.0.0.1:3000")


def test_event_is_that_of_the_sample() -> None:
    request = Request(
        method="GET",
        raw_path="/v1/open/caf%C3%A9/a/b",
        raw_query="me=a+b&empty=&list=1&list=2",
        headers=(
            ("Host", "api.example.com:3000"),
            ("accept", "text/html"),
            ("X-List", "one"),
            ("X-List", "two"),
            ("Content-Length", "0"),
            ("Connection", "keep-alive"),
        ),
        source_ip="192.0.2.1",
        host="api.example.com:3000",
        request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        extended_id="cKhEXAMPLEqLUA=",
        trace_id="Root=1-67891233-abcdef012345678912345678",
        received_at=1795222800.25,
    )
    assert event_of(request) == SAMPLE


def test_key_is_told_only_where_one_is_required() -> None:
    headers = (("X-API-Key", "local-key"),)
    open_event = proxy_event(request_of(headers=headers), b"", Match(ROUTE, "/open/a/b", {}), "v1", BINARY)
    closed = Route("POST", "/open", "function", key_required=True, models={})
    closed_event = proxy_event(request_of(headers=headers), b"", Match(closed, "/open", {}), "v1", BINARY)
    assert open_event["requestContext"]["identity"]["apiKey"] is None
    assert closed_event["requestContext"]["identity"]["apiKey"] == "local-key"
    assert open_event["requestContext"]["identity"]["apiKeyId"] is None


def test_a_key_has_an_id_of_its_own_which_is_not_the_key() -> None:
    closed = Route("POST", "/open", "function", key_required=True, models={})

    def key_id(key: str) -> str:
        request = request_of(headers=(("x-api-key", key),))
        event = proxy_event(request, b"", Match(closed, "/open", {}), "v1", BINARY)
        told: str = event["requestContext"]["identity"]["apiKeyId"]
        return told

    assert key_id("one") == key_id("one") != key_id("other")
    assert "one" not in key_id("one")
    assert len(key_id("one")) == 10


def test_who_forwarded_the_request_before_is_kept() -> None:
    event = event_of(request_of(headers=(("x-forwarded-for", "198.51.100.7"),)))
    assert event["headers"]["X-Forwarded-For"] == "198.51.100.7, 192.0.2.1"  # type: ignore[index]


def test_a_header_that_is_not_utf8_still_makes_json() -> None:
    event = event_of(request_of(headers=(("X-Name", "caf\udce9"),)))
    assert event["headers"]["X-Name"] == "caf\ufffd"  # type: ignore[index]


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_any_query_arrives(pairs: list[tuple[str, str]]) -> None:
    # a lone surrogate cannot be sent
    query = urlencode(
        [(name.encode(errors="replace"), value.encode(errors="replace")) for name, value in pairs]
    )
    event = event_of(request_of(query))
    sent = parse_qsl(query, keep_blank_values=True)
    assert event["queryStringParameters"] == (dict(sent) or None)
    many = event["multiValueQueryStringParameters"] or {}
    assert sorted((name, value) for name, values in many.items() for value in values) == sorted(sent)  # type: ignore[attr-defined]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_body_arrives(body: str) -> None:
    event = event_of(request_of(headers=(("Content-Type", "application/json"),)), body.encode())
    assert (event["body"], event["isBase64Encoded"]) == (body or None, False)


@given(st.binary())
def test_any_binary_body_arrives_as_base64(body: bytes) -> None:
    event = event_of(request_of(headers=(("content-type", "IMAGE/PNG; q=1"),)), body)
    assert base64.b64decode(str(event["body"] or "")) == body
    assert event["isBase64Encoded"] is bool(body)


@given(st.binary())
def test_bytes_that_are_no_text_are_replaced_as_in_aws(body: bytes) -> None:
    assert (event_of(request_of(), body)["body"] or "") == body.decode(errors="replace")
