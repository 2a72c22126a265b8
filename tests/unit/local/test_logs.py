import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local import logs
from infra.local.logs import LogShipper, read_lines, send_regularly
from infra.local.platform_log import PlatformLog
from infra.local.settings import LOG_BATCH_MAX_BYTES, LOG_LINE_MAX_BYTES, LOG_QUEUE_MAX_COUNT
from infra.local.stack import Function


class Recorder:
    """Stands for CloudWatch Logs, whose limits moto does not enforce."""

    class exceptions:  # noqa: N801
        ResourceAlreadyExistsException = KeyError

    def __init__(self) -> None:
        self.batches: list[list[dict[str, Any]]] = []

    def create_log_stream(self, **_: str) -> None:
        """Nothing to do."""

    def put_log_events(self, logEvents: list[dict[str, Any]], **_: str) -> None:  # noqa: N803
        self.batches.append(logEvents)


async def lines_of(*chunks: bytes) -> list[str]:
    stream = asyncio.StreamReader()
    for chunk in chunks:
        stream.feed_data(chunk)
    stream.feed_eof()
    return [line async for line in read_lines(stream)]


def platform_lines(log_format: str) -> list[str]:
    variables = {"AWS_LAMBDA_LOG_FORMAT": log_format}
    function = Function("f", Path(), "app.handler", variables, 3.0, 512, (), "group", None)
    lines: list[str] = []
    log = PlatformLog(function, lines.append)
    log.init_start("python3.13")
    log.start("r-1")
    log.report("r-1", 0.0123, 0.2, 60, "success")
    log.report("r-2", 0.001, None, 61, "timeout")
    return lines


def test_platform_lines_as_text() -> None:
    assert platform_lines("Text") == [
        "INIT_START Runtime Version: python3.13",
        "START RequestId: r-1 Version: $LATEST",
        "END RequestId: r-1",
        "REPORT RequestId: r-1\tDuration: 12.3 ms\tBilled Duration: 213 ms\tMemory Size: 512 MB\t"
        "Max Memory Used: 60 MB\tInit Duration: 200.0 ms\t",
        "END RequestId: r-2",
        "REPORT RequestId: r-2\tDuration: 1.0 ms\tBilled Duration: 1 ms\tMemory Size: 512 MB\t"
        "Max Memory Used: 61 MB\tStatus: timeout\t",
    ]


def test_platform_lines_as_json() -> None:
    lines = [json.loads(line) for line in platform_lines("JSON")]
    assert [line["type"] for line in lines] == [
        "platform.initStart",
        "platform.start",
        "platform.report",
        "platform.report",
    ]
    assert lines[2]["record"]["metrics"]["initDurationMs"] == 200.0


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), min_size=1)))
def test_lines_arrive_whole_however_they_are_cut(lines: list[str]) -> None:
    data = "".join(f"{line}\n" for line in lines).encode()
    assert asyncio.run(lines_of(data[:7], data[7:])) == lines


async def test_a_traceback_is_one_event_and_a_line_without_end_is_cut() -> None:
    assert await lines_of(b"[ERROR] a\rb\rc\nnext") == ["[ERROR] a\nb\nc", "next"]
    cut = await lines_of(*[b"x" * 50_000] * 4)
    assert "".join(cut) == "x" * 200_000
    assert max(map(len, cut)) <= 2 * LOG_LINE_MAX_BYTES


async def test_batches_keep_cloudwatchs_limits() -> None:
    recorder = Recorder()
    shipper = LogShipper(recorder)  # type: ignore[arg-type]
    for _ in range(40):
        shipper.write("group", "stream", "x" * LOG_LINE_MAX_BYTES)
    await shipper.flush()
    sizes = [sum(len(event["message"]) + 26 for event in batch) for batch in recorder.batches]
    assert sum(map(len, recorder.batches)) == 40
    assert max(sizes) <= LOG_BATCH_MAX_BYTES


async def test_what_is_half_sent_at_the_end_is_sent_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LOG_INTERVAL_SECONDS", 0)
    began, may_end, ended = asyncio.Event(), asyncio.Event(), 0

    async def flush() -> None:
        nonlocal ended
        began.set()
        await may_end.wait()
        ended += 1

    sending = asyncio.create_task(send_regularly(flush))
    await began.wait()
    sending.cancel()
    await asyncio.sleep(0)
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert ended == 2  # what was under way, and what came after it


async def test_a_full_queue_drops_and_says_how_much(caplog: pytest.LogCaptureFixture) -> None:
    recorder = Recorder()
    shipper = LogShipper(recorder)  # type: ignore[arg-type]
    for _ in range(LOG_QUEUE_MAX_COUNT + 3):
        shipper.write("group", "stream", "x")
    with caplog.at_level(logging.WARNING):
        await shipper.flush()
    assert sum(map(len, recorder.batches)) == LOG_QUEUE_MAX_COUNT
    assert "3 log lines were dropped" in caplog.text
