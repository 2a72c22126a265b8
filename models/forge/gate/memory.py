"""The peak memory of a fresh process that opens an artifact and answers once."""

import re
import subprocess
import sys

from coldframe.errors import ColdframeError
from models.forge.gate.artifact import Artifact

# Not getrusage's ru_maxrss: Linux starts it at the peak of the process that started this one, which held both
# artifacts. VmHWM is of the program alone (proc(5)).
_SAY_PEAK = "\nprint(open('/proc/self/status').read())"
_TIMEOUT_SECONDS = 120


def peak_memory_mb(artifact: Artifact) -> float:
    """Return the largest resident set in MiB. Raises `ColdframeError` when the process fails."""
    flag, code, *arguments = artifact.fresh
    done = subprocess.run(  # noqa: S603 (this Python, and code of this project)
        [sys.executable, flag, code + _SAY_PEAK, *arguments],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", done.stdout, re.MULTILINE)
    if done.returncode or not peak:
        raise ColdframeError(f"a fresh process could not use {artifact.file}: {done.stderr.strip()[-500:]}")
    return int(peak[1]) / 1024
