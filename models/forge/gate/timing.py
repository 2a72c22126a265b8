"""How long it takes to open an artifact, and to run it."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median

from models.forge.crossfit import Progress
from models.forge.gate.artifact import Artifact, Input

Clock = Callable[[], float]  # seconds

ROUNDS_COUNT = 60
WARM_UP_ROUNDS_COUNT = 5  # the first runs allocate what later ones use again
OPENINGS_COUNT = 5


def latencies(
    parent: Artifact,
    quantized: Artifact,
    sized: Mapping[str, Input],
    progress: Progress,
    clock: Clock = time.perf_counter,
) -> dict[str, tuple[float, float]]:
    """Return the medians (the parent's, the quantized one's) of a run by size, in ms on one thread.

    The two take turns, so that what else the machine does meets both.
    """
    runs = (parent.open(1), quantized.open(1))
    taken: dict[str, tuple[list[float], list[float]]] = {size: ([], []) for size in sized}
    for number in range(WARM_UP_ROUNDS_COUNT + ROUNDS_COUNT):
        for size, one in sized.items():
            for run, times in zip(runs, taken[size], strict=True):
                times.append(_ms(partial(run, one), clock))
        progress("Timing both in turns", number + 1, WARM_UP_ROUNDS_COUNT + ROUNDS_COUNT)
    return {size: (_median(times[0]), _median(times[1])) for size, times in taken.items()}


def opening(artifact: Artifact, clock: Clock = time.perf_counter) -> float:
    """Return the median of opening it, in ms on one thread."""
    return median(_ms(partial(artifact.open, 1), clock) for _ in range(OPENINGS_COUNT))


def _median(times: list[float]) -> float:
    return median(times[WARM_UP_ROUNDS_COUNT:])


def _ms(act: Callable[[], object], clock: Clock) -> float:
    start = clock()
    act()
    return (clock() - start) * 1000
