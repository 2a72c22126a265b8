"""One execution environment: a child process that handles one event at a time."""

import asyncio
import contextlib
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from infra.local.logs import read_lines
from infra.local.names import function_arn
from infra.local.platform_log import PlatformLog
from infra.local.runtime_api import TIMED_OUT, TOO_LARGE, Invocation, Outcome, RuntimeApi, failure
from infra.local.settings import STOP_SECONDS
from infra.local.stack import Function
from infra.local.variables import PYTHON, environment_variables

RUN_FUNCTION = Path(__file__).with_name("run_function.py")
STATUSES = {None: "success", TIMED_OUT: "timeout"}


class NotDelivered(Exception):
    """Raise when an environment ended before it took the event, which another one may therefore take."""


class Environment:
    """Start once, invoke as long as it is `alive`, stop always. `write_log` takes (stream, line)."""

    def __init__(self, function: Function, aws_url: str, write_log: Callable[[str, str], None]) -> None:
        self._function, self._aws_url = function, aws_url
        self._stream = f"{time.strftime('%Y/%m/%d', time.gmtime())}/[$LATEST]{uuid.uuid4().hex}"
        self._write_log = write_log
        self._platform = PlatformLog(function, self._log)
        self._api = RuntimeApi(function_arn(function.name))
        self._current: Invocation | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._init_seconds: float | None = None
        self.alive = False
        self.idle_since = time.monotonic()

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self, init_max_seconds: float) -> Outcome | None:
        """Run INIT; give what went wrong in it, or None."""
        started = time.monotonic()
        self._process = process = await self._spawn(await self._api.start())
        self.alive = True
        self._platform.init_start(PYTHON)
        self._tasks = [asyncio.create_task(self._watch(process))]
        if process.stdout is not None:
            self._tasks.append(asyncio.create_task(self._read_output(process.stdout)))
        try:
            async with asyncio.timeout(init_max_seconds):
                failed = await self._api.ready
        except TimeoutError:
            failed = failure(TIMED_OUT, f"INIT did not end within {init_max_seconds:.2f} seconds")
        self._init_seconds = time.monotonic() - started
        if failed:
            self._kill()
            self._platform.init_failed(self._init_seconds, failed.error_type or "")
        return failed

    async def invoke(self, invocation: Invocation) -> Outcome:
        """Hand over one event; kill the environment at the function's timeout. Raise NotDelivered."""
        if not self.alive or self._has_ended():
            self.alive = False  # or it would be taken from the idle ones again, before `_watch` has its turn
            raise NotDelivered
        self._current = invocation
        self._platform.start(invocation.request_id)
        started = time.monotonic()
        self._api.submit(invocation)
        try:
            async with asyncio.timeout(invocation.timeout_seconds):
                outcome = await invocation.outcome
        except TimeoutError:
            outcome = self._timed_out(invocation)
        finally:
            self._current = None
            self.idle_since = time.monotonic()
        if outcome.error_type == TOO_LARGE:  # the Runtime Interface Client ends itself when it is told so
            self._kill()
        peak_memory_mb = peak_memory_bytes(self.process_id) // 1024**2
        status = STATUSES.get(outcome.error_type, "error")
        seconds = self.idle_since - started
        self._platform.report(invocation.request_id, seconds, self._init_seconds, peak_memory_mb, status)
        self._init_seconds = None
        return outcome

    async def stop(self) -> None:
        """End the process and everything around it; may be called at any time and twice."""
        self._kill()
        for task in self._tasks:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(task, STOP_SECONDS)
        await self._api.stop()

    async def _spawn(self, runtime_api: str) -> asyncio.subprocess.Process:
        function = self._function
        folders = [str(folder) for folder in (function.code, *function.layers)]
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            str(RUN_FUNCTION),
            str(os.getpid()),
            function.handler,
            *folders,
            cwd=function.code,
            env=environment_variables(function, runtime_api, self._aws_url, self._stream),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches the parent alone, which ends its children in order
        )

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        """Wait for the process to end, and let nobody wait for its answer any longer."""
        code = await process.wait()
        self.alive = False
        reason = (
            f"Runtime exited with error: {_exit_words(code)}"
            if code
            else "Runtime exited without providing a reason"
        )
        if not self._api.ready.done():
            self._api.ready.set_result(failure("Runtime.ExitError", reason))
        if (invocation := self._current) and not invocation.outcome.done():
            if invocation.delivered:
                invocation.settle(
                    failure("Runtime.ExitError", f"RequestId: {invocation.request_id} Error: {reason}")
                )
            else:
                invocation.outcome.set_exception(NotDelivered())

    async def _read_output(self, output: asyncio.StreamReader) -> None:
        async for line in read_lines(output):
            self._log(line)

    def _timed_out(self, invocation: Invocation) -> Outcome:
        self._kill()
        message = f"Task timed out after {invocation.timeout_seconds:.2f} seconds"
        self._log(f"{invocation.request_id} {message}")
        return failure(TIMED_OUT, f"RequestId: {invocation.request_id} Error: {message}")

    def _has_ended(self) -> bool:
        """Ask the kernel: `_watch` may not have had its turn yet."""
        if self._process is None:
            return True
        with contextlib.suppress(ChildProcessError):  # it has ended, and been waited for
            return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        return True

    def _kill(self) -> None:
        self.alive = False
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _log(self, line: str) -> None:
        self._write_log(self._stream, line)


def _exit_words(code: int) -> str:
    return f"exit status {code}" if code > 0 else f"signal: {signal.Signals(-code).name}"


def peak_memory_bytes(process_id: int | None) -> int:
    """Give the most memory that the process ever held at once; 0 when it is gone."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    return 0
