"""The real template with two API keys and signed requests, through the local cloud."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from mypy_boto3_logs.client import CloudWatchLogsClient
from obstore.auth.boto3 import Boto3CredentialProvider

from coldframe.audit import text_sha256
from coldframe.headers import SECURITY_HEADERS
from coldframe.signature import sign
from coldframe.store import Store
from infra.local.cloud import LocalCloud
from infra.local.names import LOCAL_NAMES
from infra.local.session import local_client, local_session
from infra.local.settings import REGION, Plan, Settings
from tests import made
from tests.integration.local.conftest import Client, Reply

pytestmark = pytest.mark.asyncio(loop_scope="package")
ROOT = Path(__file__).parents[3]
PREDICT = "/sentiment/predict"
SETTINGS = Settings.from_environment(
    {"COLDFRAME_API_KEY": "old,new", "COLDFRAME_SIGNING_SECRET": "current,previous"}
)


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def signed() -> AsyncIterator[Client]:
    plans = {**SETTINGS.plans, "too fast": Plan(0.001, 0, 100), "used up": Plan(500, 500, 0)}
    settings = replace(SETTINGS, port=0, environments_max_count=2, plans=plans)
    async with LocalCloud(ROOT, settings) as cloud, ClientSession() as session:
        credentials = Boto3CredentialProvider(local_session())
        store = Store.open(LOCAL_NAMES["ModelBucket"], cloud.aws_url, REGION, credentials)
        await asyncio.to_thread(made.published, store, "v1.0.0")
        yield Client(cloud, session)


def headers(path: str, body: bytes, secret: str = "current", method: str = "POST") -> dict[str, str]:
    at = f"{time.time():.6f}"
    code = sign(secret, at, method, "/v1" + path, body)
    return {"x-signature": f"t={at},v1={code}", "content-type": "application/json"}


async def send(client: Client, body: bytes, key: str, with_headers: dict[str, str]) -> Reply:
    return await client.call("POST", PREDICT, key, with_headers, data=body)


@pytest.mark.parametrize(("key", "secret"), [("old", "previous"), ("new", "current")])
async def test_two_keys_and_two_secrets_are_taken(signed: Client, key: str, secret: str) -> None:
    body = '{"text": "良い"}'.encode()
    reply = await send(signed, body, key, headers(PREDICT, body, secret))
    assert (reply.status, reply.json()["model_version"]) == (200, "v1.0.0")


async def test_a_get_is_signed_with_an_empty_body(signed: Client) -> None:
    path = "/sentiment/health"
    assert (await signed.call("GET", path, "new")).status == 401
    assert (await signed.call("GET", path, "new", headers(path, b"", method="GET"))).status == 200


async def test_of_equal_requests_at_once_one_passes_whichever_environment_has_them(signed: Client) -> None:
    body = b'{"text": "a"}'
    same = headers(PREDICT, body)
    replies = await asyncio.gather(*(send(signed, body, "new", same) for _ in range(6)))
    assert sorted(reply.status for reply in replies) == [200] + [401] * 5
    refused = next(reply for reply in replies if reply.status == 401)
    assert "used before" in refused.json()["detail"]
    assert refused.headers["Content-Type"] == "application/problem+json"


async def test_what_needs_no_key_is_open_and_the_document_asks_for_a_signature(signed: Client) -> None:
    assert (await signed.call("GET", "/sentiment/healthz")).status == 200
    reply = await signed.call("GET", "/sentiment/openapi.json")
    document = reply.json()
    assert document["security"] == [{"ApiKey": [], "Signature": []}]
    assert document["components"]["securitySchemes"]["Signature"]["name"] == "x-signature"
    assert "401" in document["paths"]["/sentiment/predict"]["post"]["responses"]
    assert "401" not in document["paths"]["/sentiment/healthz"]["get"]["responses"]
    assert reply.headers["cache-control"] == "max-age=300"


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [("/nowhere", "new", 404), ("/sentiment/health", "bad", 403), ("/sentiment/healthz", None, 200)],
)
async def test_every_answer_has_the_security_headers(
    signed: Client, path: str, key: str | None, status: int
) -> None:
    reply = await signed.call("GET", path, key)
    assert reply.status == status
    assert SECURITY_HEADERS.items() <= {name.lower(): value for name, value in reply.headers.items()}.items()
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("key", "kind", "seconds"), [("too fast", "throttled", "1"), ("used up", "quota-exceeded", "3600")]
)
async def test_on_every_route_with_a_key_its_plan_holds(
    signed: Client, key: str, kind: str, seconds: str
) -> None:
    routes = [route for route in signed.cloud.stack.api.routes if route.key_required]
    assert len(routes) >= 2
    for route in routes:
        reply = await signed.call(route.method, route.path, key)
        assert (reply.status, reply.headers["Retry-After"]) == (429, seconds)
        assert reply.json()["type"] == f"urn:coldframe:problem:{kind}"


async def test_a_decision_is_found_by_the_request_id_that_the_client_saw(signed: Client) -> None:
    body = '{"texts": ["良い", "悪い"]}'.encode()
    reply = await send(signed, body, "new", headers(PREDICT, body))
    logs: CloudWatchLogsClient = local_client("logs", signed.cloud.aws_url)
    (function,) = (f for f in signed.cloud.stack.functions if f.variables.get("MODEL_NAME") == "sentiment")

    def decisions() -> list[dict[str, object]]:
        events = logs.filter_log_events(logGroupName=function.log_group)["events"]
        lines = [json.loads(event["message"]) for event in events if '"decision"' in event["message"]]
        return [line for line in lines if line["request_id"] == reply.headers["x-amzn-RequestId"]]

    async with asyncio.timeout(10):
        while not (found := await asyncio.to_thread(decisions)):
            await asyncio.sleep(0.1)  # there is nothing to wait on: log lines appear
    assert [line["text_sha256"] for line in found] == [text_sha256("良い"), text_sha256("悪い")]
    assert [line["label"] for line in found] == [one["label"] for one in reply.json()["predictions"]]
