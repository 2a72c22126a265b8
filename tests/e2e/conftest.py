import contextlib
import signal
from collections.abc import Iterator

import psutil
import pytest

from infra.local.errors import PortInUse
from infra.local.ports import listen
from tests.e2e.running import Cloud


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    running = Cloud(two_free_ports())
    yield running
    children = psutil.Process(running.process.pid).children(recursive=True)
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(20) == 0
    assert running.process.stdout is not None
    running.process.stdout.close()
    assert [child for child in children if child.is_running()] == []


def two_free_ports() -> int:
    """The first of two ports in a row that nobody listens on."""
    while True:
        with contextlib.closing(listen(0, "a test")) as first, contextlib.suppress(OSError, PortInUse):
            port: int = first.getsockname()[1]
            listen(port + 1, "a test").close()
            return port
