"""Trying a version in a process of its own: whatever becomes of that one, this one has an answer in time."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from threading import Event, Timer
from typing import Any

from coldframe import limits
from coldframe.catalog.probe import PROBLEM
from coldframe.changes import Target

PROGRAM = (sys.executable, "-P", "-m", "coldframe.catalog.probe")
_SILENT = "the process that tried it gave no answer that can be read"


class Probes:
    """Tries versions, one at a time, and keeps what came of it for PROBE_KEPT_SECONDS."""

    def __init__(self, program: Sequence[str] = PROGRAM, clock: Callable[[], float] = time.monotonic) -> None:
        self._program, self._clock = program, clock
        self._kept: dict[tuple[str, Target], tuple[float, str | None]] = {}

    def problem(self, name: str, target: Target) -> str | None:
        """Say why a version does not load or answer; None if it does."""
        self._forget()
        if (name, target) not in self._kept:
            found = _tried([*self._program, name, target.version, target.manifest_sha256])
            self._kept[name, target] = (self._clock(), found)
        return self._kept[name, target][1]

    def _forget(self) -> None:
        oldest = self._clock() - limits.PROBE_KEPT_SECONDS
        young = [(key, one) for key, one in self._kept.items() if one[0] > oldest]
        self._kept = dict(young[1 - limits.PROBES_KEPT_MAX_COUNT :])


def _tried(program: Sequence[str]) -> str | None:
    try:
        process = _started(program)
    except (OSError, ValueError) as error:  # a ValueError of what cannot be an argument
        return f"no process could be started to try it: {error}"
    late = Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = Timer(limits.PROBE_SECONDS, end)
    timer.start()
    with process:
        try:
            answer = process.stdout.readline(limits.PROBE_ANSWER_MAX_BYTES) if process.stdout else b""
            code = 0 if answer else process.wait()
        finally:
            timer.cancel()
            process.kill()
    if late.is_set():
        return f"it was not ready within {limits.PROBE_SECONDS:g} seconds"
    return _read(answer) if answer else _ended(code)


def _started(program: Sequence[str]) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(filter(None, sys.path))  # a function's own, of which its variables say nothing
    return subprocess.Popen(  # noqa: S603 - the program is ours; a name and a version have their forms
        program, env=os.environ | {"PYTHONPATH": path}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )


def _read(answer: bytes) -> str | None:
    try:
        problem: Any = json.loads(answer)[PROBLEM]
    except (ValueError, TypeError, KeyError, RecursionError):
        return _SILENT
    return problem if problem is None or isinstance(problem, str) else _SILENT


def _ended(code: int) -> str:
    """Say how a process ended that gave no answer. What is killed has often taken too much memory."""
    how = f"with exit status {code}" if code >= 0 else f"by signal {-code} ({signal.strsignal(-code)})"
    return f"the process that tried it ended {how}; see the function's log"
