"""A function's handler in this process, and what calls of it take, in turns."""

import io
import json
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from rich.console import Console
from rich.progress import track

from benchmarks.harness import EVENT, FOLDERS
from tests.handlers import Context, load

ROUNDS, CALLS = 15, 300
Call = Callable[[], object]
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@dataclass(frozen=True)
class Turn:
    """A call whose time counts, and what is done before it."""

    call: Call
    before: Call = lambda: None


def function() -> ModuleType:
    """Load the function of sentiment; what it logs goes nowhere."""
    with redirect_stdout(io.StringIO()):
        return load(FOLDERS["ours"])


def call_of(handler: Handler) -> Call:
    """Return a call with the event of one text; it raises RuntimeError when the answer is none."""
    event = json.loads(EVENT)

    def call() -> None:
        answer = handler(event, Context())
        if answer["statusCode"] != 200:
            raise RuntimeError(str(answer))

    return call


def in_turns(turns: Mapping[str, Turn], what: str) -> dict[str, list[float]]:
    """Call each in turns, so that a noisy moment falls on all: microseconds of each call."""
    spent: dict[str, list[float]] = {name: [] for name in turns}
    for number in track(range((ROUNDS + 1) * CALLS), what, console=Console(file=sys.stderr)):
        for name, turn in turns.items():
            turn.before()
            with redirect_stdout(io.StringIO()):
                begin = time.perf_counter()
                turn.call()
                microseconds = (time.perf_counter() - begin) * 1e6
            spent[name] += [microseconds] * (number >= CALLS)
    return spent
