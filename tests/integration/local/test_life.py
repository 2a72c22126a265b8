"""How the local cloud starts and ends: never half, and never leaving a process behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from infra.local.cloud import LocalCloud
from infra.local.errors import PortInUse, TemplateRefused
from infra.local.ports import listen, port_of
from tests.integration.local.conftest import FUNCTIONS, SETTINGS

pytestmark = pytest.mark.asyncio(loop_scope="package")
SERVED = Path(__file__).with_name("served.py")


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


@contextmanager
def served() -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """A local cloud in a process of its own, and all that it started."""
    with subprocess.Popen(
        [sys.executable, str(SERVED), str(FUNCTIONS)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline().startswith("http://127.0.0.1:")
            yield process, psutil.Process(process.pid).children(recursive=True)
        finally:
            process.kill()


def wait_until_gone(processes: list[psutil.Process]) -> list[psutil.Process]:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        left = [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
        if not left:
            return []
        time.sleep(0.02)
    return left


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_it_and_all_its_children(kind: signal.Signals) -> None:
    with served() as (process, started):
        assert len(started) == 2  # the AWS endpoint and one environment
        process.send_signal(kind)
        assert process.wait(10) == 0
        assert wait_until_gone(started) == []


async def test_its_children_do_not_outlive_a_sigkill() -> None:
    with served() as (process, started):
        process.kill()
        process.wait(10)
        assert wait_until_gone(started) == []


async def test_an_exception_in_the_block_leaves_nothing_behind() -> None:
    before = children()

    async def fail() -> None:
        async with LocalCloud(FUNCTIONS, SETTINGS):
            assert children() - before
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert children() == before


async def test_a_refused_template_starts_nothing(tmp_path: Path) -> None:
    before = children()
    (tmp_path / "template.yaml").write_text("Resources: {Table: {Type: AWS::DynamoDB::Table}}")
    with pytest.raises(TemplateRefused, match="Table"):
        await LocalCloud(tmp_path, SETTINGS).__aenter__()
    assert children() == before


def two_free_ports() -> int:
    for _ in range(50):
        with listen(0, "a test") as first:
            port = port_of(first)
            with socket.socket() as second:
                if port < 65_535 and second.connect_ex(("127.0.0.1", port + 1)) != 0:
                    return port
    raise AssertionError("no two free ports side by side")


@pytest.mark.parametrize(("offset", "purpose"), [(0, "the API"), (1, "the AWS endpoint")])
async def test_a_port_in_use_is_named_with_the_fix(offset: int, purpose: str) -> None:
    port = two_free_ports()
    before = children()
    with (
        listen(port + offset, "a test"),
        pytest.raises(PortInUse, match=f"Port {port + offset}, for {purpose}, .* set COLDFRAME_PORT"),
    ):
        await LocalCloud(FUNCTIONS, replace(SETTINGS, port=port)).__aenter__()
    assert children() == before


async def test_the_aws_endpoint_is_on_the_next_port(tmp_path: Path) -> None:
    port = two_free_ports()
    async with LocalCloud(FUNCTIONS, replace(SETTINGS, port=port)) as cloud:
        assert cloud.api_url == f"http://127.0.0.1:{port}/v1"
        assert cloud.aws_url == f"http://127.0.0.1:{port + 1}"
    async with LocalCloud(FUNCTIONS, replace(SETTINGS, port=port)):  # and again, at once
        assert os.getpid() not in children()
