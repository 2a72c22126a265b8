"""What runs beside the requests: functions that a schedule or a log group sets off."""

import asyncio
import base64
import gzip
import io
import json
import logging
import shutil
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from infra.local import subscription
from infra.local.cloud import LocalCloud
from tests.integration.local.conftest import SETTINGS, Client

pytestmark = pytest.mark.asyncio(loop_scope="package")
HERE = Path(__file__).parent
EVENTS = HERE.parents[1] / "events"
PLAIN, SLOW, FAIL, TAKE = (f"coldframe-{name}" for name in ("plain", "slow", "fail", "take"))
WAIT_SECONDS = 20.0
Json = dict[str, Any]


class Beside(Client):
    """One cloud, and what its functions wrote down."""

    def __init__(self, cloud: LocalCloud, session: ClientSession, folder: Path, console: io.StringIO) -> None:
        super().__init__(cloud, session)
        self._folder, self._console = folder, console

    @property
    def console(self) -> str:
        """All that the cloud said since its start."""
        return self._console.getvalue()

    def taken(self, function: str) -> list[Json]:
        path = self._folder / "act" / f"{function}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def deliveries(self, of: str) -> list[Json]:
        """The documents that hold lines of a test, by the name that no other has."""
        return [one for one in self.taken(TAKE) if any(of in line["message"] for line in one["logEvents"])]

    async def say(self, *lines: Json | str) -> None:
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        assert (await self.call("POST", "/say", data=json.dumps(texts))).status == 200

    async def until(self, condition: Callable[[], Any]) -> Any:
        async with asyncio.timeout(WAIT_SECONDS):
            while not (found := condition()):
                await asyncio.sleep(0.05)  # asks a file, which cannot wake us
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def beside(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beside]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subscription, "LOG_FEED_WAITS_SECONDS", (0.0, 0.1, 0.1))
        async with started(tmp_path_factory.mktemp("a path with spaces")) as one:
            yield one


@asynccontextmanager
async def started(path: Path) -> AsyncIterator[Beside]:
    folder = shutil.copytree(HERE / "beside", path / "beside")
    logger, console = logging.getLogger("infra.local"), io.StringIO()
    logger.addHandler(handler := logging.StreamHandler(console))
    try:
        async with LocalCloud(folder, SETTINGS) as cloud, ClientSession() as session:
            yield Beside(cloud, session, folder, console)
    finally:
        logger.removeHandler(handler)


def decision(name: str, **more: Any) -> Json:
    return {"message": "decision", "input": "良い", "name": name, **more}


# ---- schedules


async def test_a_tick_arrives_as_eventbridge_hands_it_over(beside: Beside) -> None:
    real = json.loads((EVENTS / "scheduled-event.json").read_text())
    first, second, *_ = (
        one["event"] for one in await beside.until(lambda: beside.taken(PLAIN)[1:] and beside.taken(PLAIN))
    )
    assert first.keys() == real.keys()
    same = ("version", "detail-type", "source", "account", "region", "detail")
    assert {key: first[key] for key in same} == {key: real[key] for key in same}
    assert first["resources"] == ["arn:aws:events:us-east-1:123456789012:rule/plain-tick"]
    assert len(first["time"]) == len(real["time"])
    assert first["id"] != second["id"]
    assert first["time"] < second["time"]


async def test_a_busy_function_has_its_next_tick_when_it_has_ended(beside: Beside) -> None:
    ticks = await beside.until(lambda: beside.taken(SLOW)[2:] and beside.taken(SLOW))
    assert ticks[0]["event"] == {"sleep": 1.3}
    assert all(later["started"] >= one["ended"] for one, later in pairwise(ticks))
    assert len(beside.cloud.process_ids[SLOW]) == 1


async def test_a_function_that_fails_at_every_tick_is_told_of_once(beside: Beside) -> None:
    await beside.until(lambda: len(beside.taken(FAIL)) >= 3)
    assert beside.console.count(f"{FAIL} failed") == 1


# ---- log subscriptions


async def test_lines_arrive_as_cloudwatch_hands_them_over(beside: Beside) -> None:
    real = json.loads(gzip.decompress(base64.b64decode(read_event("cloudwatch-logs")["awslogs"]["data"])))
    name = uuid.uuid4().hex
    await beside.say(*(decision(name, n=n) for n in range(3)))
    (document,) = await beside.until(lambda: beside.deliveries(name))
    assert document.keys() == real.keys()
    assert (document["messageType"], document["owner"]) == (real["messageType"], real["owner"])
    assert (document["logGroup"], document["subscriptionFilters"]) == ("/coldframe/say", ["TakeFunctionSaid"])
    lines = document["logEvents"]
    assert [line.keys() for line in lines] == [real["logEvents"][0].keys()] * 3
    assert [json.loads(line["message"])["n"] for line in lines] == [0, 1, 2]
    assert {len(line["id"]) for line in lines} == {len(real["logEvents"][0]["id"])}
    assert len({line["id"] for line in lines}) == 3


async def test_only_lines_that_match_arrive(beside: Beside) -> None:
    name = uuid.uuid4().hex
    others: list[Json | str] = [
        f"no JSON {name}",
        {"message": "request", "input": name},
        {"message": "decision", "name": name},
    ]
    await beside.say(*others, decision(name), *others)
    await beside.say(decision(name, last=True))
    await beside.until(lambda: "last" in str(beside.deliveries(name)))
    messages = [json.loads(line["message"]) for one in beside.deliveries(name) for line in one["logEvents"]]
    assert messages == [decision(name), decision(name, last=True)]


async def test_lines_that_the_function_failed_on_come_again_as_they_were(beside: Beside) -> None:
    told_count = beside.console.count(f"{TAKE} failed")
    name = uuid.uuid4().hex
    await beside.say(decision(name, fail=2))
    first, *again = await beside.until(lambda: beside.deliveries(name)[2:] and beside.deliveries(name))
    assert again == [first, first]
    assert beside.console.count(f"{TAKE} failed") == told_count + 1


async def test_lines_that_always_fail_are_lost_and_told_of_and_the_next_go_through(beside: Beside) -> None:
    name, next_name = uuid.uuid4().hex, uuid.uuid4().hex
    await beside.say(decision(name, fail=99))
    await beside.until(lambda: beside.deliveries(name))
    await beside.say(decision(next_name))
    await beside.until(lambda: beside.deliveries(next_name))
    await beside.until(lambda: "1 log lines of /coldframe/say were lost" in beside.console)
    assert len(beside.deliveries(name)) == 3


# ---- the end


async def test_it_ends_at_once_with_work_in_hand(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with started(tmp_path) as one:
        await one.say(decision("a", fail=99))
        await one.until(lambda: one.deliveries("a"))
    assert not any(one.cloud.process_ids.values())
    assert "Task" not in caplog.text


def read_event(name: str) -> Json:
    event: Json = json.loads((EVENTS / f"{name}.json").read_text())
    return event
