"""Lines on their way to a function, with a function that does as the test says."""

import asyncio
import base64
import gzip
import json
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from infra.local import subscription as module
from infra.local.cloud import running
from infra.local.filter_pattern import FilterPattern
from infra.local.logs import Line, LogShipper
from infra.local.settings import LOG_FEED_BATCH_MAX_BYTES, LOG_FEED_BATCH_MAX_COUNT, LOG_LINE_MAX_BYTES
from infra.local.stack import Function, Subscription
from infra.local.subscription import LogFeed
from tests.unit.local.test_logs import Recorder

FUNCTION = Function("take", Path(), "app.handler", {}, 3.0, 512, (), "/take", None)
MAX_ASYNCHRONOUS_BYTES = 1024 * 1024


class Played:
    """Stands for the function: keeps what it is handed, and says of each whether it was handled."""

    def __init__(self, handles: Callable[[int], bool] = lambda _: True) -> None:
        self.events: list[bytes] = []
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self._handles = handles

    async def invoke(self, event: bytes) -> bool:
        self.events.append(event)
        await self.may_go_on.wait()
        return self._handles(len(self.events))

    @property
    def documents(self) -> list[dict[str, Any]]:
        data = [json.loads(event)["awslogs"]["data"] for event in self.events]
        return [json.loads(gzip.decompress(base64.b64decode(one))) for one in data]

    @property
    def texts(self) -> list[str]:
        return [line["message"] for document in self.documents for line in document["logEvents"]]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOG_FEED_WAITS_SECONDS", (0.0, 0.0, 0.0))


def feed() -> LogFeed:
    return LogFeed(Subscription("filter", "/say", FUNCTION, FilterPattern(())))


def lines(*texts: str, group: str = "/say", stream: str = "s") -> list[Line]:
    return [Line(group, stream, 1, text, number) for number, text in enumerate(texts)]


async def handed(to: Played, one: LogFeed, count: int) -> None:
    """Run until so many events were handed over, and what they wait for has been answered."""
    async with running(one.run(to)), asyncio.timeout(10):  # type: ignore[arg-type]
        while len(to.events) < count:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)


async def test_batches_are_of_one_stream_and_within_their_bounds() -> None:
    one, played = feed(), Played()
    mixed = [line for pair in zip(lines(*"abc"), lines(*"xyz", stream="t"), strict=True) for line in pair]
    await one.take([*mixed, *lines("other", group="/other")])
    await one.take(lines(*["x" * LOG_LINE_MAX_BYTES] * 25, stream="large"))
    await one.take(lines(*map(str, range(LOG_FEED_BATCH_MAX_COUNT + 1)), stream="many"))
    await handed(played, one, 7)
    sizes = [
        (one["logStream"], len(one["logEvents"]), sum(len(line["message"]) for line in one["logEvents"]))
        for one in played.documents
    ]
    assert [(stream, count) for stream, count, _ in sizes] == [
        ("s", 3),
        ("t", 3),
        ("large", 10),
        ("large", 10),
        ("large", 5),
        ("many", LOG_FEED_BATCH_MAX_COUNT),
        ("many", 1),
    ]
    assert max(size for _, _, size in sizes) <= LOG_FEED_BATCH_MAX_BYTES
    assert max(map(len, played.events)) <= MAX_ASYNCHRONOUS_BYTES


async def test_a_function_that_takes_its_time_keeps_nobody_waiting(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOG_FEED_MAX_COUNT", 10)
    one, played, recorder = feed(), Played(), Recorder()
    played.may_go_on.clear()
    shipper = LogShipper(recorder, [one])  # type: ignore[arg-type]
    async with running(one.run(played)), asyncio.timeout(10):  # type: ignore[arg-type]
        for number in range(20):
            shipper.write("/say", "s", str(number))
            await shipper.flush()
        assert sum(map(len, recorder.batches)) == 20
        assert len(played.events) == 1
        played.may_go_on.set()
        while len(played.texts) < 11:
            await asyncio.sleep(0.01)
    assert played.texts == [str(number) for number in range(11)]  # the first, and ten that waited
    assert "9 log lines of /say were lost: take failed on them, or is slower" in caplog.text


@pytest.mark.parametrize(
    ("fails", "expected", "lost"),
    [((), ["a", "b"], 0), ((1, 2), ["a", "a", "a", "b"], 0), ((1, 2, 3), ["a", "a", "a", "b"], 1)],
)
async def test_a_batch_comes_three_times_at_most(
    fails: Iterable[int], expected: list[str], lost: int, caplog: pytest.LogCaptureFixture
) -> None:
    one, played = feed(), Played(lambda number: number not in fails)
    await one.take([*lines("a"), *lines("b", stream="t")])
    await handed(played, one, len(expected))
    assert played.texts == expected
    assert ("1 log lines of /say were lost" in caplog.text) == bool(lost)


async def test_what_was_lost_is_told_at_the_end_too(caplog: pytest.LogCaptureFixture) -> None:
    one = feed()
    await one.take(lines("a", "b"))
    with caplog.at_level(logging.WARNING):
        await handed(Played(lambda _: False), one, 3)
    assert caplog.text.count("2 log lines of /say were lost") == 1


def test_lines_are_told_apart() -> None:
    first, second = lines("a", "a")
    assert first.event_id != second.event_id
    assert len(first.event_id) == 56
