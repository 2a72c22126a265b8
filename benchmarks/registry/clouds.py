"""A local cloud in a process of its own, and clients that ask its sentiment at a steady pace."""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from aiohttp import ClientSession, ClientTimeout
from rich.console import Console
from rich.progress import Progress

from coldframe.changes import Target
from coldframe.store import Store
from models.forge.noted import noted
from models.forge.publish import publish
from models.forge.version import read_version
from tests.e2e.running import KEY, Cloud
from tests.ports import two_free_ports

SENTIMENT = "sentiment"
CLIENTS_COUNT = 4
RATE_PER_SECOND = 80.0  # of all clients together
ANSWER_SECONDS = 10.0
BODY = {"text": "この商品は素晴らしいです！"}


@dataclass(frozen=True)
class Reply:
    """An answer: status, its version, ms from the request to all of it, and when it came (monotonic)."""

    key: str
    status: int
    version: str
    ms: float
    at: float


@contextmanager
def running(**parameters: object) -> Iterator[Cloud]:
    """Run `coldframe up` with parameters of the template, and without a guardian to change what is live."""
    given = {"GuardianSchedule": "rate(1 hour)", **parameters}
    cloud = Cloud(two_free_ports(), parameters=",".join(f"{name}={value}" for name, value in given.items()))
    try:
        yield cloud
    finally:
        cloud.process.terminate()
        cloud.process.communicate()


def published(store: Store, version: str) -> Target:
    """Publish sentiment's own weights under another version."""
    shipped = read_version(SENTIMENT, version=version)
    return publish(store, shipped.manifest, shipped.files, noted("to measure"))


async def ask(cloud: Cloud, count: int, what: str, keys: Sequence[str] = ("",)) -> list[Reply]:
    """Send so many requests, with these routing keys in turns; a client waits for its answer, then its turn.

    Turns that a client was too late for are not made up for.
    """
    url = f"http://127.0.0.1:{cloud.port}/v1/{SENTIMENT}/predict"
    numbers = iter(range(count))
    replies: list[Reply] = []
    with Progress(console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(what, total=count)
        async with ClientSession(timeout=ClientTimeout(ANSWER_SECONDS)) as session:

            async def client() -> None:
                for number in numbers:
                    due = time.monotonic() + CLIENTS_COUNT / RATE_PER_SECOND
                    replies.append(await _send(session, url, keys[number % len(keys)]))
                    bar.advance(task)
                    await asyncio.sleep(due - time.monotonic())

            await asyncio.gather(*(client() for _ in range(CLIENTS_COUNT)))
    return replies


async def _send(session: ClientSession, url: str, key: str) -> Reply:
    headers = {"x-api-key": KEY} | ({"x-routing-key": key} if key else {})
    begin = time.monotonic()
    async with session.post(url, json=BODY, headers=headers) as answer:
        content = await answer.json(content_type=None)
        at = time.monotonic()
        return Reply(key, answer.status, content.get("model_version", ""), (at - begin) * 1e3, at)


def p99(ms: Sequence[float]) -> float:
    """Return the value that one in a hundred is above."""
    return sorted(ms)[len(ms) * 99 // 100]
