"""What re-reading the alias costs a warm environment, which does so every 30 s."""

import os
from collections import Counter
from statistics import median
from unittest.mock import patch

from rich.console import Console
from rich.table import Table

from benchmarks.harness import S3_FIRST_BYTE_SECONDS, SENTIMENT, shipped_model
from benchmarks.registry.handlers import CALLS, ROUNDS, Handler, Turn, call_of, function, in_turns
from coldframe import limits
from coldframe.slot import ModelSlot
from coldframe.store import Store, StoredObject

CALLS_PER_SECOND = 10
SHARE_MAX = 0.01
NEVER, USUAL, CURRENT = "no refresh", "a refresh every 30 s", "slot.current alone"
CALLS_OF_A_REFRESH = round(limits.ALIAS_REFRESH_SECONDS * CALLS_PER_SECOND)


class Clock:
    """A clock that stands still but for what it is moved on, as far as if there were ten calls a second."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> float:
        return self.calls / CALLS_PER_SECOND

    def move(self) -> None:
        self.calls += 1


class Counted(Store):
    """A store that counts conditional reads: how many had an ETag, and how many found nothing new."""

    def __init__(self, store: Store) -> None:
        super().__init__(store._backend)
        self.reads: Counter[str] = Counter()

    def get_if_changed(self, key: str, etag: str | None, max_bytes: int) -> StoredObject | None:
        stored = super().get_if_changed(key, etag, max_bytes)
        self.reads["conditional" if etag else "plain"] += 1
        self.reads["unchanged"] += stored is None
        return stored


def measure(console: Console) -> None:
    """Print p50 with and without, what the call that refreshes takes, and the reads."""
    with shipped_model() as env:
        os.environ.update(env)
        store = Counted(Store.open(env["MODEL_BUCKET"]))
        still, moving = Clock(), Clock()
        never, usual = (ModelSlot(lambda: store, SENTIMENT, clock=clock) for clock in (still, moving))
        turns = {
            NEVER: Turn(call_of(function_on(never))),
            USUAL: Turn(call_of(function_on(usual)), moving.move),
            CURRENT: Turn(never.current),
        }
        store.reads.clear()
        spent = in_turns(turns, "refreshes")
    console.print(summary(spent))
    console.print(said(spent[USUAL], store.reads))


def function_on(slot: ModelSlot) -> Handler:
    """Load the function of sentiment around this slot."""
    with patch.object(ModelSlot, "from_environment", return_value=slot):
        handler: Handler = function().handler
        return handler


def summary(spent: dict[str, list[float]]) -> Table:
    """Medians of the calls."""
    title = (
        f"A warm call of sentiment, {ROUNDS * CALLS:,} in turns; its clock says {CALLS_PER_SECOND} a second"
    )
    table = Table(title=title)
    for heading in ("", "p50 µs", "of no refresh", "wanted"):
        table.add_column(heading, justify="right" if heading else "left")
    base = median(spent[NEVER])
    for name, times in spent.items():
        wanted = f"at most {1 + SHARE_MAX:.2f}" if name == USUAL else ""
        ratio = f"{median(times) / base:.3f}"
        table.add_row(name, f"{median(times):.1f}", ratio, wanted)
    return table


def said(spent: list[float], reads: Counter[str]) -> str:
    """Say what the calls that refresh take, and how many reads there were, of how many intervals."""
    intervals = (ROUNDS + 1) * CALLS // CALLS_OF_A_REFRESH
    slowest = sorted(spent)[-len(spent) // CALLS_OF_A_REFRESH :]
    return (
        f"one call in {CALLS_OF_A_REFRESH} waits for the store: {median(slowest) / 1e3:.1f} ms in the median,"
        f" {S3_FIRST_BYTE_SECONDS * 1e3:.0f} of them its delay; {intervals} intervals had"
        f" {reads['conditional']} conditional GETs, {reads['unchanged']} of them 304; others {reads['plain']}"
    )
