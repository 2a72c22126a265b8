"""Ports for a local cloud that has to be told one."""

import contextlib
import random

from infra.local.errors import PortInUse
from infra.local.ports import listen

LISTENED_ON = range(20_000, 32_000)  # below those that Linux gives to connections: nobody takes one meanwhile


def two_free_ports() -> int:
    """The first of two ports side by side that nobody listens on."""
    for port in random.sample(LISTENED_ON, 100):
        with contextlib.suppress(PortInUse):
            for one in (port, port + 1):
                listen(one, "a test").close()
            return port
    raise AssertionError("no two free ports side by side")
