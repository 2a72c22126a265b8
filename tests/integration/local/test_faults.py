"""What becomes of a function that fails: API Gateway's answer, and then the next request is served."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.integration.local.conftest import Client

pytestmark = pytest.mark.asyncio(loop_scope="package")
Start = Callable[..., Awaitable[Client]]


@pytest.mark.parametrize(
    "fault",
    [
        "hang",
        "exit",
        "leave",
        "raise",
        "huge",
        "text",
        "nothing",
        "unknown-key",
        "body-object",
        "bad-status",
        "bad-header",
        "unserializable",
    ],
)
async def test_a_fault_is_502_and_the_next_request_is_served(client: Client, fault: str) -> None:
    response = await client.fault(fault)
    problem = response.json()
    assert (response.status, response.headers["Content-Type"]) == (502, "application/problem+json")
    assert problem == {
        "type": "DEFAULT_5XX",
        "title": "Internal server error",
        "request_id": response.headers["x-amzn-RequestId"],
    }
    assert (await client.fault("ok")).status == 200


async def test_what_only_looks_like_a_fault_is_200(client: Client) -> None:
    assert (await client.fault("garbage")).status == 200
    assert len((await client.fault("large")).body) == 5_000_000


async def test_an_error_leaves_the_environment_alive(client: Client) -> None:
    before = (await client.fault("ok")).body
    await client.fault("raise")
    assert (await client.fault("ok")).body == before


@pytest.mark.parametrize("fault", ["hang", "exit", "huge"])
async def test_an_environment_that_broke_is_replaced(client: Client, fault: str) -> None:
    before = (await client.fault("ok")).body
    await client.fault(fault)
    assert (await client.fault("ok")).body != before


async def test_a_function_that_cannot_be_imported_is_502_each_time(client: Client) -> None:
    for _ in range(2):
        assert (await client.call("GET", "/unimportable")).status == 502
    assert client.cloud.process_ids["coldframe-unimportable"] == set()


async def test_an_init_that_takes_too_long_is_502(start: Start) -> None:
    client = await start(init_max_seconds=0.001)
    assert (await client.fault("ok")).status == 502
    assert client.cloud.process_ids["coldframe-faults"] == set()


async def test_the_gateway_waits_no_longer_than_its_timeout(start: Start) -> None:
    client = await start(integration_timeout_seconds=0.5, environments_max_count=1)
    await client.call("POST", "/open/a/b")
    response = await client.call("POST", "/open/a/b?sleep=0.8")
    assert (response.status, response.json()["type"]) == (504, "INTEGRATION_TIMEOUT")
    async with asyncio.timeout(5):  # the function goes on meanwhile, as in Lambda
        while (answer := await client.call("POST", "/open/a/b")).status == 504:
            pass
    assert answer.json()["count"] >= 3
