"""What a child process of the local cloud does first: make sure that it never outlives its parent."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(parent_id: int) -> None:
    """Have the kernel kill this process when its parent ends, even by SIGKILL. Linux only; see prctl(2)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_id:  # it ended before the line above
        sys.exit(1)
