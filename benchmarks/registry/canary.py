"""A canary over HTTP: its share of the keys, and whether each key keeps its version."""

import asyncio

from rich.console import Console

from benchmarks.registry.clouds import SENTIMENT, ask, published
from benchmarks.registry.promotions import REFRESH_SECONDS
from models.forge.noted import noted
from models.forge.promote import start_trial
from tests.e2e.running import Cloud

REQUESTS_COUNT, KEYS_COUNT = 2_000, 500
PERCENT, POINTS_MAX = 10, 3.0
VERSION = "v2.0.0"


async def measure(console: Console, cloud: Cloud) -> None:
    """Print the share of the keys that got the canary."""
    store = cloud.models()
    published(store, VERSION)
    start_trial(store, SENTIMENT, VERSION, PERCENT, "production", noted("to measure"))
    await asyncio.sleep(REFRESH_SECONDS)
    keys = [f"customer {number}" for number in range(KEYS_COUNT)]
    replies = await ask(cloud, REQUESTS_COUNT, "canary", keys)
    seen: dict[str, set[str]] = {}
    for reply in replies:
        seen.setdefault(reply.key, set()).add(reply.version)
    share = 100 * sum(VERSION in versions for versions in seen.values()) / len(seen)
    moved = sum(len(versions) > 1 for versions in seen.values())
    failed = sum(reply.status != 200 for reply in replies)
    console.print(
        f"a canary of {PERCENT}%, {REQUESTS_COUNT:,} requests of {KEYS_COUNT} keys: {share:.1f}% of the keys"
        f" (within {POINTS_MAX:.0f} points wanted), {moved} keys with two versions, {failed} failures"
    )
