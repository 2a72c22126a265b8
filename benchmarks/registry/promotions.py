"""Promotions under load: how soon they arrive, and whether a client notices."""

import asyncio
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.registry.clouds import RATE_PER_SECOND, SENTIMENT, Reply, ask, p99, published
from coldframe.registry import change
from infra.cli.place import local_place
from models.forge.noted import noted
from tests.e2e.running import Cloud

REFRESH_SECONDS = 2
PROMOTIONS_COUNT = 4
BETWEEN_SECONDS = 10.0
STRETCH_COUNT = round((PROMOTIONS_COUNT + 0.5) * BETWEEN_SECONDS * RATE_PER_SECOND)
SLOWER_MAX = 2.0


async def measure(console: Console, cloud: Cloud) -> None:
    """Print a quiet stretch beside one with promotions."""
    aws_url = f"http://127.0.0.1:{cloud.port + 1}"
    # In a process of its own: it would hold up the clients.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        await asyncio.wrap_future(pool.submit(publish_and_promote, aws_url, "v1.0.1"))  # its imports
        await ask(cloud, round(5 * RATE_PER_SECOND), "warming")
        quiet = await ask(cloud, STRETCH_COUNT, "quiet")
        changing = asyncio.create_task(change_regularly(pool, aws_url))
        busy = await ask(cloud, STRETCH_COUNT, "promoting")
        promoted = await changing
    console.print(summary(quiet, busy))
    console.print(arrivals(busy, promoted))


async def change_regularly(pool: ProcessPoolExecutor, aws_url: str) -> dict[str, float]:
    """Publish and promote version after version; return when each had been made live (monotonic)."""
    promoted = {}
    for number in range(1, PROMOTIONS_COUNT + 1):
        version = f"v1.{number}.0"
        done = pool.submit(publish_and_promote, aws_url, version)
        promoted[version] = await asyncio.wrap_future(done)
        await asyncio.sleep(BETWEEN_SECONDS)
    return promoted


def publish_and_promote(aws_url: str, version: str) -> float:
    """Make a new version live; return when (monotonic)."""
    store = local_place(aws_url).store()
    target, note = published(store, version), noted("to measure")
    change(store, SENTIMENT, lambda old: old.promoted("production", target, note))
    return time.monotonic()


def summary(quiet: list[Reply], busy: list[Reply]) -> Table:
    """Compare the two stretches."""
    title = f"{STRETCH_COUNT:,} requests at {RATE_PER_SECOND:.0f} a second, {PROMOTIONS_COUNT} promotions"
    table = Table(title=title)
    for heading in ("", "quiet", "promoting", "ratio", "wanted"):
        table.add_column(heading, justify="right" if heading else "left")
    before, after = ([one.ms for one in replies] for replies in (quiet, busy))
    failed = [str(sum(one.status != 200 for one in replies)) for replies in (quiet, busy)]
    table.add_row("not answered with 200", *failed, "", "0")
    figures: list[tuple[str, Callable[[list[float]], float], str]] = [
        ("p50 ms", median, ""),
        ("p99 ms", p99, f"at most {SLOWER_MAX:.0f}"),
        ("slowest ms", max, ""),
    ]
    for name, figure, wanted in figures:
        one, other = figure(before), figure(after)
        table.add_row(name, f"{one:.1f}", f"{other:.1f}", f"{other / one:.2f}", wanted)
    return table


def arrivals(replies: list[Reply], promoted: dict[str, float]) -> str:
    """Say how long after each change the last answer by an earlier version came."""
    versions = list(promoted)
    late: list[float] = []
    for place, version in enumerate(versions):
        newer = versions[place:]
        last = max((one.at for one in replies if one.version not in newer), default=0.0)
        late.append(last - promoted[version])
    each = ", ".join(f"{seconds:.2f}" for seconds in late)
    return f"last answer by an earlier version after each change: {each} s (at most {REFRESH_SECONDS} wanted)"
