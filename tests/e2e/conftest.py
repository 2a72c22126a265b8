import signal
from collections.abc import Iterator

import psutil
import pytest

from infra.local.ports import listen
from tests.e2e.running import Cloud


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    listener = listen(0, "a test")
    port = listener.getsockname()[1]
    listener.close()
    running = Cloud(port if port < 65_535 else port - 2)
    yield running
    children = psutil.Process(running.process.pid).children(recursive=True)
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(20) == 0
    assert running.process.stdout is not None
    running.process.stdout.close()
    assert [child for child in children if child.is_running()] == []
