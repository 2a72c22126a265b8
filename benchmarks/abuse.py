"""Ten times the throttled key's plan against the local cloud: what is served, what refused, how quickly."""

import asyncio
import sys
import time
from dataclasses import dataclass
from statistics import median

from aiohttp import ClientSession, ClientTimeout
from rich.console import Console
from rich.progress import track
from rich.table import Table

from infra.local.settings import THROTTLED_KEY, THROTTLED_PLAN
from tests.e2e.running import KEY, Cloud
from tests.ports import two_free_ports

SECONDS = 30.0
TIMES = 10
RATE_PER_SECOND = TIMES * THROTTLED_PLAN.rate_per_second
QUIET_COUNT = 150
BODY = {"text": "この商品は素晴らしいです！"}
ANSWER_SECONDS = 10.0


@dataclass(frozen=True)
class Reply:
    """`ms` is from the request to the whole answer."""

    status: int
    retry_after: str | None
    ms: float


def main() -> None:
    """Print the table."""
    cloud = Cloud(two_free_ports())
    try:
        quiet, loud, seconds = asyncio.run(measure(f"http://127.0.0.1:{cloud.port}/v1/sentiment/predict"))
    finally:
        cloud.process.terminate()
        cloud.process.communicate()
    Console().print(summary(quiet, loud, seconds))


async def measure(url: str) -> tuple[list[Reply], list[Reply], float]:
    """Send at the same pace with a key that may, then with the throttled one; seconds are of the second."""
    async with ClientSession(timeout=ClientTimeout(ANSWER_SECONDS)) as session:
        await send(session, url, KEY)  # the cold start is measured elsewhere
        quiet = await flood(session, url, KEY, QUIET_COUNT)
        begin = time.perf_counter()
        loud = await flood(session, url, THROTTLED_KEY, round(SECONDS * RATE_PER_SECOND))
        return quiet, loud, time.perf_counter() - begin


async def flood(session: ClientSession, url: str, key: str, count: int) -> list[Reply]:
    """Send so many requests, each when its time has come, whether those before it are answered or not."""
    begin = time.perf_counter()
    waiting: list[asyncio.Task[Reply]] = []
    for number in track(range(count), "requests", console=Console(file=sys.stderr)):
        await asyncio.sleep(begin + number / RATE_PER_SECOND - time.perf_counter())
        waiting.append(asyncio.create_task(send(session, url, key)))
    return await asyncio.gather(*waiting)


async def send(session: ClientSession, url: str, key: str) -> Reply:
    """Predict one text."""
    begin = time.perf_counter()
    async with session.post(url, json=BODY, headers={"x-api-key": key}) as answer:
        await answer.read()
        ms = (time.perf_counter() - begin) * 1e3
        return Reply(answer.status, answer.headers.get("Retry-After"), ms)


def summary(quiet: list[Reply], loud: list[Reply], seconds: float) -> Table:
    """Count the answers, and compare them with the plan and with the quiet."""
    served = [reply for reply in loud if reply.status == 200]
    refused = [reply for reply in loud if reply.status == 429]
    other = sorted({reply.status for reply in [*quiet, *loud]} - {200, 429})
    planned = THROTTLED_PLAN.burst_count + THROTTLED_PLAN.rate_per_second * seconds
    told = sum(reply.retry_after is not None for reply in refused)
    calm, stormy = (median(reply.ms for reply in replies) for replies in (quiet, served))
    table = Table(title=f"{len(loud)} requests in {seconds:.1f} s: {TIMES} times the throttled key's rate")
    for heading in ("", "measured", "wanted"):
        table.add_column(heading, justify="right" if heading else "left")
    table.add_row("served", str(len(served)), f"{planned * 0.9:.0f} to {planned * 1.1:.0f}")
    table.add_row("refused with 429", str(len(refused)), f"{len(loud) - len(served)}")
    table.add_row("  of them with Retry-After", str(told), str(len(refused)))
    table.add_row("any other status", str(other or "none"), "none")
    table.add_row("p50 of the served, ms", f"{stormy:.1f}", f"at most {2 * calm:.1f}")
    table.add_row(f"p50 of {QUIET_COUNT} at the same pace with a key that may, ms", f"{calm:.1f}", "")
    table.add_row("p50 of the refused, ms", f"{median(reply.ms for reply in refused):.1f}", "")
    return table


if __name__ == "__main__":
    main()
