"""A warm call, handler in to answer out, the predictor left out, against the usual way of writing it."""

import io
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.harness import EVENT, ROOT, empty_bucket, environment, slow_s3
from coldframe.linear import LinearText
from coldframe.registry import version_prefix
from models.forge.publish import publish
from models.forge.version import read_version
from tests.handlers import Context, load

ROUNDS, CALLS = 15, 300
FOLDERS = {"ours": ROOT / "functions/sentiment", "the usual way": ROOT / "benchmarks/usual"}
TRACE_ID = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=53995c3f42cd8ad8;Sampled=1"
SCORES = np.array([[0.5, 0.3, 0.2]])

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def main() -> None:
    """Print the medians and the ratio."""
    console = Console()
    with slow_s3() as endpoint:
        shipped = read_version("sentiment")
        target = publish(empty_bucket(endpoint), shipped.manifest, shipped.files, "to measure")
        key = version_prefix("sentiment", target.version) + "weights.npz"
        os.environ.update(environment(endpoint, WEIGHTS_KEY=key, _X_AMZN_TRACE_ID=TRACE_ID))
        handlers = {name: load(folder).handler for name, folder in FOLDERS.items()}
        with patch.object(LinearText, "predict", lambda *_: SCORES):
            for handler in handlers.values():
                _round(handler, json.loads(EVENT))  # the first call's own work is not a warm call's
            spent = run(handlers)
    table = Table(title=f"A warm call without its predictor, median of {ROUNDS} rounds of {CALLS}")
    table.add_column("")
    table.add_column("µs", justify="right")
    for name, times in spent.items():
        table.add_row(name, f"{median(times):.0f}")
    console.print(table)
    console.print(
        f"ratio: {median(spent['ours']) / median(spent['the usual way']):.2f} (at most 0.50 wanted)"
    )


def run(handlers: dict[str, Handler]) -> dict[str, list[float]]:
    """Measure in turns, so that a noisy moment falls on both: microseconds a call, by round."""
    event = json.loads(EVENT)
    spent: dict[str, list[float]] = {name: [] for name in handlers}
    for _ in track(range(ROUNDS), "rounds", console=Console(file=sys.stderr)):
        for name, handler in handlers.items():
            spent[name].append(_round(handler, event))
    return spent


def _round(handler: Handler, event: dict[str, Any]) -> float:
    with redirect_stdout(io.StringIO()):
        begin = time.perf_counter()
        for _ in range(CALLS):
            answer = handler(event, Context())
        spent = time.perf_counter() - begin
    if answer["statusCode"] != 200:
        raise RuntimeError(str(answer))
    return spent / CALLS * 1e6


if __name__ == "__main__":
    main()
