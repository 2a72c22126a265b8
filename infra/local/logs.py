"""What functions print, line by line, to CloudWatch Logs (moto's): reading them is one call everywhere."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.settings import (
    LOG_BATCH_MAX_BYTES,
    LOG_BATCH_MAX_COUNT,
    LOG_INTERVAL_SECONDS,
    LOG_LINE_MAX_BYTES,
    LOG_QUEUE_MAX_COUNT,
)

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import InputLogEventTypeDef

logger = logging.getLogger(__name__)
EVENT_OVERHEAD_BYTES = 26  # CloudWatch's own count of an event


class Line(NamedTuple):
    group: str
    stream: str
    time_ms: int
    text: str
    number: int

    @property
    def event_id(self) -> str:
        """56 digits, of no other line."""
        return f"{self.time_ms:020d}{self.number:036d}"


class TakesLines(Protocol):
    """What lines go to as well, once CloudWatch Logs has had them."""

    async def take(self, lines: Sequence[Line]) -> None: ...


class LogShipper:
    """Sends lines about once a second. When its queue is full, new lines are dropped, and counted."""

    def __init__(self, client: "CloudWatchLogsClient", feeds: Sequence[TakesLines] = ()) -> None:
        self._client, self._feeds = client, feeds
        self._numbers = count()
        self._lines: deque[Line] = deque()
        self._dropped_count = 0
        self._streams: set[tuple[str, str]] = set()

    def write(self, group: str, stream: str, text: str) -> None:
        if len(self._lines) >= LOG_QUEUE_MAX_COUNT:
            self._dropped_count += 1
        else:
            self._lines.append(Line(group, stream, time.time_ns() // 1_000_000, text, next(self._numbers)))

    async def run(self) -> None:
        """Send until cancelled, then send what is left."""
        await send_regularly(self.flush)

    async def flush(self) -> None:
        lines = list(self._lines)
        self._lines.clear()
        if self._dropped_count:
            logger.warning(
                "%d log lines were dropped: functions print faster than they can be kept.",
                self._dropped_count,
            )
            self._dropped_count = 0
        if lines:
            await asyncio.to_thread(self._send, lines)
            for feed in self._feeds:
                await feed.take(lines)

    def _send(self, lines: list[Line]) -> None:
        streams: dict[tuple[str, str], list[Line]] = {}
        for line in lines:
            streams.setdefault((line.group, line.stream), []).append(line)
        for stream, its_lines in streams.items():
            try:
                self._send_stream(stream, its_lines)
            except (BotoCoreError, ClientError) as error:
                logger.warning("%d log lines of %s were lost: %s", len(its_lines), stream[0], error)

    def _send_stream(self, stream: tuple[str, str], lines: list[Line]) -> None:
        group, name = stream
        if stream not in self._streams:
            with contextlib.suppress(self._client.exceptions.ResourceAlreadyExistsException):
                self._client.create_log_stream(logGroupName=group, logStreamName=name)
            self._streams.add(stream)
        for batch in _batches(lines):
            self._client.put_log_events(logGroupName=group, logStreamName=name, logEvents=batch)


async def send_regularly(flush: Callable[[], Awaitable[None]]) -> None:
    """Flush about once a second until cancelled, then once more."""
    sending: asyncio.Future[None] | None = None
    try:
        while True:
            await asyncio.sleep(LOG_INTERVAL_SECONDS)
            sending = asyncio.ensure_future(flush())
            await asyncio.shield(sending)
    finally:
        if sending is not None:  # half sent: the endpoint must not end before it
            await sending
        await flush()


def _batches(lines: Iterable[Line]) -> Iterator[list["InputLogEventTypeDef"]]:
    batch: list[InputLogEventTypeDef] = []
    size_bytes = 0
    for line in lines:
        line_bytes = len(line.text.encode()) + EVENT_OVERHEAD_BYTES
        if batch and (len(batch) >= LOG_BATCH_MAX_COUNT or size_bytes + line_bytes > LOG_BATCH_MAX_BYTES):
            yield batch
            batch, size_bytes = [], 0
        batch.append({"timestamp": line.time_ms, "message": line.text})
        size_bytes += line_bytes
    if batch:
        yield batch


async def read_lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """Give a stream's lines, cut where they pass LOG_LINE_MAX_BYTES, until it ends."""
    rest = b""
    while chunk := await stream.read(LOG_LINE_MAX_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield _text(line)
        if len(rest) >= LOG_LINE_MAX_BYTES:
            yield _text(rest)
            rest = b""
    if rest:
        yield _text(rest)


def _text(line: bytes) -> str:
    # The Runtime Interface Client puts "\r" between the lines of one message (a traceback).
    return line.decode(errors="replace").rstrip("\r").replace("\r", "\n")
