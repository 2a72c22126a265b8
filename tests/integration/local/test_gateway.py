"""What a client sees of the HTTP front."""

import asyncio
import base64
import json
import socket
from io import BytesIO
from urllib.parse import urlsplit

import pytest

from tests.integration.local.conftest import Client
from tests.integration.local.functions.faults.app import PNG

pytestmark = pytest.mark.asyncio(loop_scope="package")
KEY = "local-key"


async def test_a_request_reaches_the_function_as_an_event(client: Client) -> None:
    response = await client.call("POST", "/echo?a=1&a=2", KEY, json={"text": "良い"})
    event = response.json()["event"]
    assert response.status == 200
    assert json.loads(event["body"]) == {"text": "良い"}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert event["requestContext"]["path"] == "/v1/echo"
    assert event["requestContext"]["identity"]["apiKey"] == KEY
    assert event["requestContext"]["requestId"] == response.headers["x-amzn-RequestId"]


async def test_a_missing_or_unknown_key_is_403(client: Client) -> None:
    for key in (None, "other"):
        response = await client.call("POST", "/echo", key, json={"text": "a"})
        assert (response.status, response.headers["Content-Type"]) == (403, "application/problem+json")
        assert response.headers["x-amzn-ErrorType"] == "ForbiddenException"
        assert response.headers["X-Request"] == response.headers["x-amzn-RequestId"]


async def test_a_route_without_a_key_asks_for_none(client: Client) -> None:
    response = await client.call("DELETE", "/open/caf%C3%A9/a/b")
    event = response.json()["event"]
    assert event["pathParameters"] == {"name": "caf%C3%A9", "proxy": "a/b"}
    assert event["httpMethod"] == "DELETE"


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("GET", "/echo"), ("POST", "/echo/")])
async def test_an_unknown_route_or_method_is_404(client: Client, method: str, path: str) -> None:
    response = await client.call(method, path, KEY)
    assert response.status == 404
    assert response.json()["detail"] == f"No route {method} /v1{path}"


async def test_preflight_is_answered_by_the_gateway(client: Client) -> None:
    response = await client.call("OPTIONS", "/echo")
    assert response.status == 200
    assert response.headers["Access-Control-Allow-Headers"] == "x-api-key"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            '{"text": 1}',
            'instance type (integer) does not match any allowed primitive type (allowed: ["string"])',
        ),
        ("{}", 'object has missing required properties (["text"])'),
        ('{"text": "12345678901"}', 'string "12345678901" is too long (length: 11, maximum allowed: 10)'),
        ("{", "Unknown error parsing request body"),
        ("", "Unknown error parsing request body"),
        (
            '{"text": "\\ud80012345678901"}',
            'string "?12345678901" is too long (length: 12, maximum allowed: 10)',
        ),
    ],
)
async def test_a_body_that_fails_its_model_is_422(client: Client, body: str, words: str) -> None:
    response = await client.call("POST", "/echo", KEY, {"Content-Type": "application/json"}, data=body)
    assert response.status == 422
    assert response.json()["detail"] == f"[{words}]"


async def test_a_body_of_another_type_reaches_the_function(client: Client) -> None:
    response = await client.call("POST", "/echo", KEY, {"Content-Type": "text/plain"}, data=b"{")
    assert response.json()["event"]["body"] == "{"


async def test_a_body_over_10_mb_is_413_also_when_sent_in_chunks(client: Client) -> None:
    async def chunks() -> object:
        for _ in range(11):
            yield b"x" * 1024 * 1024

    for data in (BytesIO(b"x" * 11_000_000), chunks()):
        response = await client.call("POST", "/echo", KEY, data=data)
        assert response.status == 413


async def test_an_event_over_6_mb_is_413(client: Client) -> None:
    response = await client.call("POST", "/faults/ok", data=BytesIO(b"x" * 6_400_000))
    assert response.status == 413
    assert (await client.call("POST", "/faults/ok", data=BytesIO(b"x" * 6_000_000))).status == 200


async def test_expect_100_continue_is_answered(client: Client) -> None:
    response = await client.call("POST", "/faults/ok", data=BytesIO(b"x" * 2_000_000), expect100=True)
    assert response.status == 200


async def test_binary_goes_both_ways(client: Client) -> None:
    sent = await client.call("POST", "/open/a/b", headers={"Content-Type": "image/png"}, data=PNG)
    event = sent.json()["event"]
    assert (event["isBase64Encoded"], base64.b64decode(event["body"])) == (True, PNG)
    decoded = await client.call("POST", "/faults/image", headers={"Accept": "image/png,*/*"})
    assert (decoded.body, decoded.headers.getall("Set-Cookie")) == (PNG, ["a=1", "b=2"])
    encoded = await client.call("POST", "/faults/image", headers={"Accept": "*/*"})
    assert base64.b64decode(encoded.body) == PNG


async def test_burst_then_429(client: Client) -> None:
    statuses = [(await client.call("POST", "/echo", "local-key-throttled", json={})).status for _ in range(3)]
    assert statuses == [422, 422, 429]  # a body that is wrong counts too


async def test_quota_then_429(client: Client) -> None:
    for _ in range(2):
        await client.call("POST", "/echo", "quota", json={})
    response = await client.call("POST", "/echo", "quota", json={})
    assert (response.status, response.headers["x-amzn-ErrorType"]) == (429, "LimitExceededException")


@pytest.mark.parametrize("host", ["[::1]:3000", "a:", "a:b", "a:1:2", "a b"])
async def test_a_host_that_is_none_is_400(client: Client, host: str) -> None:
    assert (await client.call("POST", "/faults/ok", headers={"Host": host})).status == 400


async def test_a_client_that_leaves_or_talks_nonsense_does_no_harm(client: Client) -> None:
    address = urlsplit(client.cloud.api_url)
    request = b"POST /v1/faults/ok HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\npart"
    for words in (request, b"\x16\x03\x01nonsense\r\n\r\n"):
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(words)
    await asyncio.sleep(0)
    assert (await client.fault("ok")).status == 200
