"""The same answers alone and in company: after, before and between others, twice, on one thread and two."""

from collections.abc import Callable, Iterator, Sequence

from models.forge.gate.artifact import Input, Run

THREADS = (1, 2)


def differences(open_with: Callable[[int], Run], inputs: Sequence[Input]) -> tuple[str, ...]:
    """Name the ways of running the inputs in which some vector is not bit-equal to that of its input alone.

    Alone is on one thread, as the first input of a session.
    """
    alone = [open_with(1)(one).tobytes() for one in inputs]
    found = []
    for threads in THREADS:
        for way, order in _orders(len(inputs)):
            run = open_with(threads)
            differing = {place for place in order if run(inputs[place]).tobytes() != alone[place]}
            if differing:
                found.append(f"{way} on {threads} thread(s), {len(differing)} of {len(inputs)} inputs")
    return tuple(found)


def _orders(count: int) -> Iterator[tuple[str, list[int]]]:
    forwards = list(range(count))
    yield "in order", forwards
    yield "in reverse", forwards[::-1]
    yield "each twice in a row", [place for place in forwards for _ in range(2)]
