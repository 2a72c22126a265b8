import signal
from collections.abc import Iterator

import psutil
import pytest

from tests.e2e.running import Cloud
from tests.ports import two_free_ports


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
