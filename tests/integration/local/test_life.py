"""How the local cloud starts and ends: never half, and never leaving a process behind."""

import asyncio
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
from urllib.parse import urlsplit

import psutil
import pytest

from infra.local.cloud import LocalCloud
from infra.local.errors import PortInUse, TemplateRefused
from infra.local.ports import listen
from tests.integration.local.conftest import FUNCTIONS, SETTINGS
from tests.ports import two_free_ports

pytestmark = pytest.mark.asyncio(loop_scope="package")
SERVED = Path(__file__).with_name("served.py")


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


@contextmanager
def served() -> Iterator[tuple[subprocess.Popen[str], str, list[psutil.Process]]]:
    """A local cloud in a process of its own, and all that it started."""
    with subprocess.Popen(
        [sys.executable, str(SERVED), str(FUNCTIONS)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().split()[0]
            yield process, url, psutil.Process(process.pid).children(recursive=True)
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


def wait_until_started(process: subprocess.Popen[str], count: int) -> list[psutil.Process]:
    deadline = time.monotonic() + 10
    while len(started := psutil.Process(process.pid).children(recursive=True)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return started


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_it_and_all_its_children(kind: signal.Signals) -> None:
    with served() as (process, _, started):
        assert len(started) == 2  # the AWS endpoint and one environment
        process.send_signal(kind)
        assert process.wait(10) == 0
        assert wait_until_gone(started) == []


async def test_a_signal_does_not_wait_for_a_function() -> None:
    request = b"POST /v1/open/a/b?sleep=30 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
    with served() as (process, url, _), socket.socket() as first, socket.socket() as second:
        for connection in (first, second):  # the second finds the one environment busy
            connection.connect((urlsplit(url).hostname, urlsplit(url).port))
            connection.sendall(request)
        started = wait_until_started(process, 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(4) == 0
        assert wait_until_gone(started) == []


async def test_its_children_do_not_outlive_a_sigkill() -> None:
    with served() as (process, _, started):
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


async def test_the_end_of_the_aws_endpoint_is_told(caplog: pytest.LogCaptureFixture) -> None:
    before = children()
    async with LocalCloud(FUNCTIONS, SETTINGS):
        (aws,) = children() - before
        os.kill(aws, signal.SIGKILL)
        async with asyncio.timeout(10):
            while "The AWS endpoint has ended" not in caplog.text:
                await asyncio.sleep(0.02)  # until the loop has seen the child's end
