"""Process start to the first ticket's answer, against the usual way and sentence-transformers."""

import os
import subprocess
import time
from collections.abc import Callable
from functools import partial
from statistics import median

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.cold_start import loading
from benchmarks.encoder import TORCH
from benchmarks.harness import ROOT, Start, cold_start, on_one_core
from benchmarks.tickets.ticket import TEXT, event
from infra.local.environment import peak_memory_bytes
from models.encoder.tensors import folder

RUNS = 9
OURS, USUAL, TORCH_NAME = "ours", "the usual way", "sentence-transformers"
WANTED = {USUAL: 0.55, TORCH_NAME: 0.12}
PEAK_MAX_MB = 200
# All of it from disk, in the package that carries the weights, and no more than an embedding.
EMBED = """
import sys
from sentence_transformers import SentenceTransformer
print(len(SentenceTransformer(sys.argv[1], device="cpu").encode(sys.argv[2])), flush=True)
sys.stdin.read()
"""


def measure(console: Console, env: dict[str, str]) -> None:
    """Print medians, ratios and our peaks."""
    starts = run(env)
    console.print(summary(starts))
    ours = median(start.answer_ms for start in starts[OURS])
    for name, most in WANTED.items():
        ratio = ours / median(start.answer_ms for start in starts[name])
        console.print(f"of {name}: {ratio:.2f} (at most {most:.2f} wanted)")
    peak = max(start.peak_rss_mb for start in starts[OURS])
    console.print(f"largest peak RSS of ours: {peak:.0f} MB (at most {PEAK_MAX_MB} wanted)")
    console.print(loading(starts[OURS]))


def run(env: dict[str, str]) -> dict[str, list[Start]]:
    """Start each in turn, so that a noisy moment falls on all; their first start is not counted."""
    makers: dict[str, Callable[[], Start]] = {
        OURS: partial(cold_start, ROOT / "functions/tickets", env, event=event()),
        USUAL: partial(cold_start, ROOT / "benchmarks/usual_tickets", env, event=event()),
        TORCH_NAME: sentence_transformers,
    }
    starts: dict[str, list[Start]] = {name: [] for name in makers}
    for number in track(range(RUNS + 1), "cold starts"):
        for name, make in makers.items():
            start = make()
            starts[name] += [start] * (number > 0)
    return starts


def sentence_transformers() -> Start:
    """Start a process that imports it, opens the weights and embeds the ticket, on one core."""
    env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "HF_HUB_OFFLINE": "1"}
    command = [str(TORCH), "-c", EMBED, str(folder()), TEXT]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    begin = time.perf_counter()
    with subprocess.Popen(command, env=env, preexec_fn=on_one_core, **pipes) as process:  # type: ignore[call-overload]
        line = process.stdout.readline()
        ms = (time.perf_counter() - begin) * 1e3
        peak = peak_memory_bytes(process.pid) / 1e6
    if not line:
        raise RuntimeError(f"{TORCH} embedded nothing: run `make .venv-bench/.ready`")
    return Start(ms, ms, peak, [])


def summary(starts: dict[str, list[Start]]) -> Table:
    """Medians of the runs."""
    table = Table(title=f"Cold start of tickets, one core, medians of {RUNS} fresh processes")
    for heading in ("", "first answer ms", "slowest", "peak RSS MB"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, runs in starts.items():
        answers = [start.answer_ms for start in runs]
        peak = median(start.peak_rss_mb for start in runs)
        table.add_row(name, f"{median(answers):,.0f}", f"{max(answers):,.0f}", f"{peak:.0f}")
    return table
