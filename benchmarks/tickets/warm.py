"""A warm ticket in all three tiers, and the whole handler, against its embedding alone."""

import io
import json
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from statistics import median

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.harness import ROOT, on_one_core
from benchmarks.tickets.ticket import TEXT, event
from coldframe.encoder import GRAPH, TOKENIZER, Encoder
from models.forge.version import read_version
from tests.handlers import Context, load

CALLS = 1_500
WARM_CALLS = 50
WANTED = 1.25
ENCODER, CLASSIFY, HANDLER = "Encoder.embed", "Triage.classify", "handler"


def measure(console: Console) -> None:
    """Print p50 and p99 of each, and the ratios."""
    on_one_core()
    spent = {name: sorted(ms) for name, ms in run(opened()).items()}
    table = Table(title=f"A warm ticket of {len(TEXT.split())} words, one thread, {CALLS:,} calls in turns")
    for heading in ("", "p50 ms", "p99 ms", "of the encoder", "wanted"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, ms in spent.items():
        ratio = median(ms) / median(spent[ENCODER])
        wanted = f"at most {WANTED}" if name == CLASSIFY else ""
        table.add_row(name, f"{median(ms):.2f}", f"{ms[CALLS * 99 // 100]:.2f}", f"{ratio:.2f}", wanted)
    console.print(table)


def opened() -> dict[str, Callable[[], object]]:
    """Open all three on the same bytes, in the environment of a function."""
    function = load(ROOT / "functions/tickets")
    sent, files = json.loads(event()), read_version("encoder").files
    encoder = Encoder.open(files[GRAPH], files[TOKENIZER], threads=1)
    triage = function.slot.current().predictor
    return {
        ENCODER: lambda: encoder.embed(TEXT),
        CLASSIFY: lambda: triage.classify(TEXT),
        HANDLER: lambda: answered(function.handler(sent, Context())),
    }


def answered(answer: dict[str, object]) -> None:
    """Raise RuntimeError unless it is an answer."""
    if answer["statusCode"] != 200:
        raise RuntimeError(str(answer))


def run(calls: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Call in turns, so that a noisy moment falls on all: ms of each call."""
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for number in track(range(WARM_CALLS + CALLS), "calls", console=Console(file=sys.stderr)):
        for name, call in calls.items():
            with redirect_stdout(io.StringIO()):
                begin = time.perf_counter()
                call()
                ms = (time.perf_counter() - begin) * 1e3
            spent[name] += [ms] * (number >= WARM_CALLS)
    return spent
