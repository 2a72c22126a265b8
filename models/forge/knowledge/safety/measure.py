"""A version with its stored embeddings and without: its answers, and how long both take."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import Any, NamedTuple, cast

from coldframe.loading import Stopwatch, load
from coldframe.triage.document import Document
from coldframe.triage.model import Triage
from coldframe.triage.opening import KNOWLEDGE
from coldframe.triage.vectors import EMBEDDINGS
from models.forge.crossfit import Progress
from models.forge.knowledge.safety.shelf import put, shelf
from models.forge.version import Version

Clock = Callable[[], float]  # seconds

OPENINGS_COUNT = 5
LONG_OPENING_MS = 2_000.0  # what takes longer is opened once: chance has no part in it
TURNS_COUNT = 2


class Ways(NamedTuple):
    """Times in ms: with stored embeddings, and with computed ones."""

    stored: float
    computed: float

    @property
    def ratio(self) -> float:
        """How many times as long it takes with stored embeddings."""
        return self.stored / self.computed


class Measured(NamedTuple):
    """The sizes of what was compared, which answers differ in what, medians of times."""

    texts_count: int
    tickets_count: int
    differing: tuple[str, ...]
    open_ms: Ways
    ticket_ms: Ways


def measure(
    version: Version, tickets: Sequence[str], progress: Progress, clock: Clock = time.perf_counter
) -> Measured:
    """Open both ways and answer the tickets in turns. Raises `ArtifactError` when either cannot be opened."""
    texts_count = len(Document.parse(version.files[KNOWLEDGE]).texts)
    both, open_ms = _open(version, texts_count, progress)
    differing: dict[int, str] = {}
    taken: tuple[list[float], list[float]] = ([], [])
    for number, ticket in enumerate(list(tickets) * TURNS_COUNT):
        answers = _in_turn(both, ticket, number % 2, taken, clock)
        if found := differences(*answers):
            differing[number % len(tickets)] = f"ticket {number % len(tickets) + 1}: {', '.join(found)}"
        progress("Answering both ways in turns", number + 1, len(tickets) * TURNS_COUNT)
    ticket_ms = Ways(median(taken[0]), median(taken[1]))
    return Measured(texts_count, len(tickets), tuple(differing.values()), open_ms, ticket_ms)


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Name the fields, times aside, that one of two answers lacks, or that differ in any bit."""
    names = [name for name in {**one, **other} if not name.endswith("_time_ms")]
    return [name for name in names if _written(one, name) != _written(other, name)]


def without(version: Version, name: str) -> Version:
    """The version as if it had never listed this file."""
    entries = tuple(entry for entry in version.manifest.files if entry.name != name)
    files = {file: data for file, data in version.files.items() if file != name}
    return Version(replace(version.manifest, files=entries), files)


def _open(version: Version, texts_count: int, progress: Progress) -> tuple[tuple[Triage, Triage], Ways]:
    bare, stage = without(version, EMBEDDINGS), f"Opening both ways ({texts_count:,} texts to embed)"
    progress(stage, 0, OPENINGS_COUNT)
    computed, times = _opened(bare)
    taken: tuple[list[float], list[float]] = ([], [times])
    for number in range(OPENINGS_COUNT):
        stored, times = _opened(version)
        taken[0].append(times)
        if taken[1][0] < LONG_OPENING_MS:
            taken[1].append(_opened(bare)[1])
        progress(stage, number + 1, OPENINGS_COUNT)
    return (stored, computed), Ways(median(taken[0]), median(taken[1]))


def _opened(version: Version) -> tuple[Triage, float]:
    """Load it as a function does; the time is that of opening, without fetching."""
    store, watch = shelf(), Stopwatch()
    loaded = load(store, version.manifest.name, put(store, version), watch)
    return cast(Triage, loaded.predictor), watch.stages_ms["open"]


def _in_turn(
    both: tuple[Triage, Triage], ticket: str, first: int, taken: tuple[list[float], list[float]], clock: Clock
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Let both answer, now one first and now the other, so that what else the machine does meets both."""
    answers: dict[int, Mapping[str, Any]] = {}
    for way in (first, 1 - first):
        start = clock()
        answers[way] = both[way].classify(ticket)
        taken[way].append((clock() - start) * 1e3)
    return answers[0], answers[1]


def _written(answer: Mapping[str, Any], name: str) -> str | None:
    return json.dumps(answer[name]) if name in answer else None
