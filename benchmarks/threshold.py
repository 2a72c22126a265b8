"""A threshold with its interval, from a million scores, against scikit-learn's curve and rows drawn anew."""

import time
from collections.abc import Callable
from multiprocessing import get_context
from os import getpid
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.metrics import precision_recall_curve

from infra.local.environment import peak_memory_bytes
from models.forge.threshold.bootstrap import CONFIDENCE, RESAMPLES
from models.forge.threshold.choose import choose
from models.forge.threshold.objectives import BestF1

ROUNDS = 5
ROWS = 1_000_000
SHARE = 0.1  # of positive rows
USUAL_RESAMPLES = 10  # each costs the same, and a thousand would take minutes
SECONDS_MAX, PEAK_MAX_MB = 5, 500

Labels = NDArray[np.bool_]
Scores = NDArray[np.float64]
Choice = Callable[[Labels, Scores], tuple[float, tuple[float, float]]]


class Run(NamedTuple):
    """One choice in a process of its own: seconds, the peak RSS of the process, threshold and interval."""

    seconds: float
    peak_mb: float
    value: float
    interval: tuple[float, float]


def main() -> None:
    """Print medians, the ratio and memory."""
    runs: dict[Choice, list[Run]] = {ours: [], usual: []}
    for _ in track(range(ROUNDS), "rounds"):
        for choice, made in runs.items():
            with get_context("spawn").Pool(1) as pool:
                made.append(pool.apply(measure, (choice,)))
    say(Console(), runs[ours], runs[usual])


def ours(labels: Labels, scores: Scores) -> tuple[float, tuple[float, float]]:
    """The value and its interval."""
    chosen = choose("positive", labels, scores, BestF1())
    return chosen.value, chosen.interval


def usual(labels: Labels, scores: Scores) -> tuple[float, tuple[float, float]]:
    """The same by scikit-learn, and from fewer resamples."""
    random, values = np.random.default_rng(1), []
    for _ in range(USUAL_RESAMPLES):
        drawn = random.integers(len(labels), size=len(labels))
        values.append(_best_f1(labels[drawn], scores[drawn]))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(values, [tail, 1 - tail]).tolist()
    return _best_f1(labels, scores), (low, high)


def measure(choice: Choice) -> Run:
    """Choose once, in a process that has done nothing else."""
    labels, scores = generated(ROWS)
    begin = time.perf_counter()
    value, interval = choice(labels, scores)
    return Run(time.perf_counter() - begin, peak_memory_bytes(getpid()) / 1e6, value, interval)


def generated(rows: int) -> tuple[Labels, Scores]:
    """Labels and scores that lean to them, rounded as served ones."""
    random = np.random.default_rng(1)
    labels = random.random(rows) < SHARE
    logits = random.normal(np.where(labels, 1.5, -1.5), 1.5)
    return labels, np.round(1 / (1 + np.exp(-logits)), 6)


def say(console: Console, mine: list[Run], theirs: list[Run]) -> None:
    """Print the table, and what was wanted."""
    table = Table(title=f"A threshold from {ROWS:,} scores, best F1, median of {ROUNDS} fresh processes")
    for heading in ("", "resamples", "seconds", "peak RSS MB", "threshold", "interval"):
        table.add_column(heading, justify="right")
    for name, resamples, runs in (("ours", RESAMPLES, mine), ("scikit-learn", USUAL_RESAMPLES, theirs)):
        seconds, peak = (median(of) for of in ([run.seconds for run in runs], [run.peak_mb for run in runs]))
        low, high = runs[0].interval
        figures = (f"{resamples:,}", f"{seconds:.2f}", f"{peak:.0f}", f"{runs[0].value:.3f}")
        table.add_row(name, *figures, f"{low:.3f} to {high:.3f}")
    console.print(table)
    slowest, largest = max(run.seconds for run in mine), max(run.peak_mb for run in mine)
    console.print(f"slowest of ours: {slowest:.2f} s (under {SECONDS_MAX} wanted)")
    console.print(f"largest of ours: {largest:.0f} MB (under {PEAK_MAX_MB} wanted)")
    ratio = median(run.seconds / USUAL_RESAMPLES for run in theirs) / median(
        run.seconds / RESAMPLES for run in mine
    )
    console.print(f"times faster for each resample: {ratio:,.0f}")


def _best_f1(labels: Labels, scores: Scores) -> float:
    precision, recall, thresholds = precision_recall_curve(labels, scores)
    with np.errstate(invalid="ignore"):  # 0 / 0 where nothing is found
        f1 = 2 * precision * recall / (precision + recall)
    return float(thresholds[np.nanargmax(f1[:-1])])


if __name__ == "__main__":
    main()
