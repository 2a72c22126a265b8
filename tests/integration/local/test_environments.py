"""When an execution environment is started, used again and ended."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from mypy_boto3_logs.client import CloudWatchLogsClient

from infra.local.session import local_client
from tests.integration.local.conftest import Client

pytestmark = pytest.mark.asyncio(loop_scope="package")
Start = Callable[..., Awaitable[Client]]
NAME = "fixture-dev-echo"


async def echo(client: Client, query: str = "") -> dict[str, Any]:
    response = await client.call("POST", f"/open/a/b?{query}")
    answer: dict[str, Any] = response.json()
    return answer


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)  # a condition on processes, which cannot wake us


def alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


async def test_one_after_the_other_share_an_environment(start: Start) -> None:
    client = await start()
    first, second = await echo(client), await echo(client)
    assert (first["pid"], first["count"]) == (second["pid"], second["count"] - 1)


async def test_at_once_each_has_its_own_up_to_the_limit(start: Start) -> None:
    client = await start(environments_max_count=2)
    answers = await asyncio.gather(*(echo(client, "sleep=0.3") for _ in range(5)))
    assert len({answer["pid"] for answer in answers}) == 2
    assert client.cloud.process_ids[NAME] == {answer["pid"] for answer in answers}


async def test_an_environment_has_one_event_at_a_time(start: Start) -> None:
    client = await start(environments_max_count=1)
    answers = await asyncio.gather(*(echo(client, "sleep=0.05") for _ in range(4)))
    spans = sorted((answer["started"], answer["ended"]) for answer in answers)
    assert all(end <= start_of_next for (_, end), (start_of_next, _) in pairwise(spans))


async def test_an_idle_environment_is_ended(start: Start) -> None:
    client = await start(idle_seconds=0.2)
    first = await echo(client)
    await until(lambda: not client.cloud.process_ids[NAME])
    assert not alive(first["pid"])
    assert (await echo(client))["pid"] != first["pid"]


async def test_an_environment_killed_from_outside_is_replaced(start: Start) -> None:
    client = await start()
    first = await echo(client)
    os.kill(first["pid"], 9)
    await until(lambda: not alive(first["pid"]))
    assert (await echo(client))["pid"] != first["pid"]


async def test_an_environment_that_ended_unseen_is_not_tried_for_ever(start: Start) -> None:
    """The loop gets no turn between its end and the next event, so nothing but the event can notice."""
    client = await start()
    first = await echo(client)
    pool = client.cloud._pools[NAME]
    (environment,) = pool._environments
    os.kill(first["pid"], 9)
    while not environment._has_ended():
        pass
    result = await pool.invoke(b"{}", "a-request", "Root=1")
    assert result.cold


async def test_above_its_reserved_concurrency_a_function_is_throttled(start: Start, functions: Path) -> None:
    template = functions / "template.yaml"
    reserved = "CodeUri: echo\n      ReservedConcurrentExecutions: 1"
    template.write_text(template.read_text().replace("CodeUri: echo", reserved))
    client = await start(root=functions)
    replies = await asyncio.gather(*(client.call("POST", "/open/a/b?sleep=0.3") for _ in range(2)))
    throttled = max(replies, key=lambda reply: reply.status)
    assert sorted(reply.status for reply in replies) == [200, 500]
    assert throttled.json()["type"] == "INTEGRATION_FAILURE"


async def test_a_function_finds_what_lambda_gives_it(start: Start, functions: Path) -> None:
    os.environ["COLDFRAME_TEST_SECRET"] = "the user's own"
    try:
        client = await start(root=functions)
        answer = await echo(client)
    finally:
        del os.environ["COLDFRAME_TEST_SECRET"]
    variables = answer["environment"]
    folder = str(functions / "echo")
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == NAME
    assert variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert variables["AWS_ENDPOINT_URL"] == client.cloud.aws_url
    assert variables["BUCKET"] == "coldframe-fixture"
    assert variables["_X_AMZN_TRACE_ID"] == answer["event"]["headers"]["X-Amzn-Trace-Id"]
    assert "COLDFRAME_TEST_SECRET" not in variables
    assert (variables["LAMBDA_TASK_ROOT"], answer["folder"], answer["path"][0]) == (folder, folder, folder)
    assert answer["request_id"] == answer["event"]["requestContext"]["requestId"]
    assert 0 < answer["remaining_ms"] <= 10_000


async def test_declared_buckets_and_queues_are_there(start: Start) -> None:
    client = await start()
    s3 = local_client("s3", client.cloud.aws_url)
    sqs = local_client("sqs", client.cloud.aws_url)
    url = (await echo(client))["environment"]["QUEUE"]
    attributes = await asyncio.to_thread(sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["All"])
    versioning = await asyncio.to_thread(s3.get_bucket_versioning, Bucket="coldframe-fixture")
    assert attributes["Attributes"]["VisibilityTimeout"] == "7"
    assert versioning["Status"] == "Enabled"


async def test_what_functions_print_is_in_cloudwatch_logs(start: Start) -> None:
    client = await start()
    await client.fault("ok")
    await client.fault("raise")
    await client.fault("garbage")
    await client.fault("hang")
    logs: CloudWatchLogsClient = local_client("logs", client.cloud.aws_url)

    def messages() -> list[str]:
        return [
            event["message"]
            for event in logs.filter_log_events(logGroupName="/aws/lambda/coldframe-faults")["events"]
        ]

    async with asyncio.timeout(10):
        found = await asyncio.to_thread(messages)
        while not any("Status: timeout" in message for message in found):
            await asyncio.sleep(0.1)  # there is nothing to wait on: log lines appear
            found = await asyncio.to_thread(messages)
    kinds = [message.partition(" ")[0] for message in found]
    assert kinds[0] == "INIT_START"
    assert [kind for kind in kinds if kind in ("START", "END", "REPORT")] == ["START", "END", "REPORT"] * 4
    reports = [message for message in found if message.startswith("REPORT")]
    assert ["Init Duration" in report for report in reports] == [True, False, False, False]
    assert any(message.startswith("[ERROR] ValueError: as asked\nTraceback") for message in found)
    assert sum("garbage" in message for message in found) >= 2  # cut into lines of a bearable length
