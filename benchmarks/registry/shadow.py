"""What a challenger in the champion's shadow costs the champion's callers."""

import asyncio
import json
import os
from statistics import median
from types import ModuleType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmarks.harness import shipped_model
from benchmarks.registry.clouds import SENTIMENT, ask, published
from benchmarks.registry.handlers import Turn, call_of, function, in_turns
from coldframe.metrics import names
from coldframe.store import Store
from infra.local.session import local_client
from infra.local.settings import LOCAL_STACK
from models.forge.noted import noted
from models.forge.promote import start_trial
from tests.e2e.running import Cloud

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

VERSION = "v2.0.0"
TURNS_COUNT, TURN_COUNT = 6, 300  # of requests over HTTP
WITHOUT, WITH = "no shadow", "inputs logged, a shadow"
SETTLE_SECONDS = 7.0  # more than a local alias refresh
SHIP_SECONDS = 3.0  # until the last lines are in the log


async def measure_over_http(console: Console, plain: Cloud, shadowed: Cloud) -> None:
    """Print p50 of two clouds, in turns: what clients waited, and what the function says of itself."""
    begin_shadow(shadowed.models())
    clouds = {WITHOUT: plain, WITH: shadowed}
    for cloud in clouds.values():
        await ask(cloud, TURN_COUNT, "warming")
    await asyncio.sleep(SETTLE_SECONDS)
    waited: dict[str, list[float]] = {name: [] for name in clouds}
    for _ in range(TURNS_COUNT):
        for name, cloud in clouds.items():
            waited[name] += [reply.ms for reply in await ask(cloud, TURN_COUNT, name)]
    await asyncio.sleep(SHIP_SECONDS)
    own = {name: latencies(cloud) for name, cloud in clouds.items()}
    title = f"The champion over HTTP, {TURNS_COUNT * TURN_COUNT:,} requests each, in turns of {TURN_COUNT}"
    console.print(compared(title, "ms", {"clients": waited, "LatencyMs": own}))


def measure_in_process(console: Console) -> None:
    """Print p50 of the handler: the shadow scores elsewhere, and this machine's cores do both."""
    with shipped_model() as env:
        os.environ.update(env)
        plain = function()
        begin_shadow(Store.open(env["MODEL_BUCKET"]))
        shadowed = function()
        spent = in_turns({WITHOUT: turn(plain, False), WITH: turn(shadowed, True)}, "shadow")
    console.print(compared("The champion's handler in process", "µs", {"handler": spent}))


def begin_shadow(store: Store) -> None:
    """Put the same weights on trial under another version, with none of the traffic."""
    published(store, VERSION)
    start_trial(store, SENTIMENT, VERSION, 0, "production", noted("to measure"))


def turn(loaded: ModuleType, log_inputs: bool) -> Turn:
    """Return a call as it is with this LOG_INPUTS, which is read once, when a function starts."""
    from coldframe import audit  # no sooner: what it imports reads its names from the environment

    return Turn(call_of(loaded.handler), lambda: setattr(audit, "_LOGS_INPUTS", log_inputs))


def latencies(cloud: Cloud) -> list[float]:
    """Return LatencyMs of the calls in the log."""
    logs: CloudWatchLogsClient = local_client("logs", f"http://127.0.0.1:{cloud.port + 1}")
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=f"/coldframe/{LOCAL_STACK}/{SENTIMENT}"
    )
    lines = (event["message"] for page in pages for event in page["events"])
    written = [json.loads(line) for line in lines if line.startswith("{") and names.LATENCY_MS in line]
    return [ms for line in written for ms in line[names.LATENCY_MS]][-TURNS_COUNT * TURN_COUNT :]


def compared(title: str, unit: str, measured: dict[str, dict[str, list[float]]]) -> Table:
    """Medians of both, and their ratio."""
    table = Table(title=title)
    for heading in ("p50", f"{WITHOUT}, {unit}", f"{WITH}, {unit}", "ratio"):
        table.add_column(heading, justify="left" if heading == "p50" else "right")
    for name, spent in measured.items():
        before, after = median(spent[WITHOUT]), median(spent[WITH])
        table.add_row(name, f"{before:.2f}", f"{after:.2f}", f"{after / before:.3f}")
    return table
