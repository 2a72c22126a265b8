"""The local cloud, whole: starts every part in order and ends them all, whatever happens."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from infra.local.asynchronous import AsynchronousInvoker
from infra.local.aws import aws_server, cloudwatch_client, create_resources, logs_client, url_of
from infra.local.event_source import EventSourcePoller
from infra.local.function import FunctionPool
from infra.local.gateway import Gateway
from infra.local.logs import LogShipper
from infra.local.metrics import MetricShipper
from infra.local.ports import listen
from infra.local.schedule import Ticker
from infra.local.settings import STOP_SECONDS, Settings
from infra.local.stack import Stack
from infra.local.subscription import LogFeed
from infra.local.template import read_template

http_logger = logging.getLogger("infra.local.http")
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """Have SIGINT (Ctrl-C), SIGTERM and SIGHUP (the terminal is closed) set an event, and nothing else."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for one in STOP_SIGNALS:
        loop.add_signal_handler(one, stop.set)
    try:
        yield stop
    finally:
        for one in STOP_SIGNALS:
            loop.remove_signal_handler(one)


class LocalCloud:
    """`async with LocalCloud(root, settings) as cloud:` serves `root/template.yaml` until the block ends.

    Raises TemplateRefused, PortInUse or StartFailed before anything is served. Run it on the main thread's
    event loop: the children end when the thread that started them does.
    """

    def __init__(self, root: Path, settings: Settings) -> None:
        self._root, self._settings = root, settings
        self._exits = AsyncExitStack()
        self._pools: dict[str, FunctionPool] = {}
        self.api_url = self.aws_url = ""
        self.stack: Stack

    async def __aenter__(self) -> "LocalCloud":
        async with AsyncExitStack() as exits:
            await self._start(exits)
            self._exits = exits.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    @property
    def process_ids(self) -> dict[str, set[int]]:
        """The processes of each function's execution environments, by the function's name."""
        return {name: pool.process_ids for name, pool in self._pools.items()}

    async def _start(self, exits: AsyncExitStack) -> None:
        settings = self._settings
        api_listener = exits.enter_context(contextlib.closing(listen(settings.port, "the API")))
        aws_port = settings.port + 1 if settings.port else 0
        aws_listener = exits.enter_context(contextlib.closing(listen(aws_port, "the AWS endpoint")))
        self.aws_url = url_of(aws_listener)
        path = self._root / "template.yaml"
        self.stack = read_template(path, settings.parameters, self.aws_url, settings.secrets)
        self.api_url = f"{url_of(api_listener)}/{self.stack.api.stage}"
        await exits.enter_async_context(aws_server(aws_listener))
        await create_resources(self.stack, self.aws_url)
        feeds = [LogFeed(subscription) for subscription in self.stack.subscriptions]
        logs = LogShipper(logs_client(self.aws_url), feeds)
        metrics = MetricShipper(cloudwatch_client(self.aws_url))
        await exits.enter_async_context(running(logs.run()))
        await exits.enter_async_context(running(metrics.run()))
        for function in self.stack.functions:
            pool = self._pools[function.name] = FunctionPool(function, settings, self.aws_url, logs, metrics)
            exits.push_async_callback(pool.stop)
            await exits.enter_async_context(running(pool.reap()))
        for source in self.stack.event_sources:
            poller = EventSourcePoller(source, self._pools[source.function.name], settings, self.aws_url)
            await exits.enter_async_context(running(poller.run()))
        for feed in feeds:
            invoker = AsynchronousInvoker(self._pools[feed.function])
            await exits.enter_async_context(running(feed.run(invoker)))
        for schedule in self.stack.schedules:
            ticker = Ticker(schedule, self._pools[schedule.function.name])
            await exits.enter_async_context(running(ticker.run()))
        await exits.enter_async_context(serving(Gateway(self.stack.api, self._pools, settings), api_listener))


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run endless work beside the block, and end it with the block."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def serving(gateway: Gateway, listener: Any) -> AsyncIterator[None]:
    """Serve HTTP on a listening socket."""
    # aiohttp writes a traceback, with what was sent, for each malformed request.
    http_logger.setLevel(logging.CRITICAL)
    server = web.Server(gateway.handle, access_log=None, auto_decompress=False, logger=http_logger)
    listening = await asyncio.get_running_loop().create_server(server, sock=listener)
    try:
        yield
    finally:
        listening.close()
        await gateway.stop()
        await server.shutdown(STOP_SECONDS)
