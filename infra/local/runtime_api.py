"""Lambda's Runtime API for one execution environment.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
import json
import time
from dataclasses import dataclass, field

from aiohttp import web

from infra.local.settings import HOST, LAMBDA_RESPONSE_MAX_BYTES, STOP_SECONDS

PREFIX = "/2018-06-01/runtime/"
ERROR_TYPE_HEADER = "Lambda-Runtime-Function-Error-Type"
TIMED_OUT = "Sandbox.Timedout"
TOO_LARGE = "Function.ResponseSizeTooLarge"


@dataclass(frozen=True)
class Outcome:
    """What Lambda answers: the handler's JSON, or with `error_type` set, an error's."""

    payload: bytes
    error_type: str | None = None


def failure(error_type: str, message: str) -> Outcome:
    payload = json.dumps({"errorType": error_type, "errorMessage": message}).encode()
    return Outcome(payload, error_type)


def new_outcome() -> "asyncio.Future[Outcome]":
    return asyncio.get_running_loop().create_future()


@dataclass
class Invocation:
    """One event on its way through an environment."""

    event: bytes
    request_id: str
    trace_id: str
    timeout_seconds: float
    delivered: bool = False
    outcome: "asyncio.Future[Outcome]" = field(default_factory=new_outcome)

    def settle(self, outcome: Outcome) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)


class RuntimeApi:
    """Serves `next`, `response`, `error`, `init/error`. `ready` ends with INIT: None, or what went wrong."""

    def __init__(self, function_arn: str) -> None:
        self._function_arn = function_arn
        self._invocations: asyncio.Queue[Invocation] = asyncio.Queue()
        self._current: Invocation | None = None
        # A `next` that waits when its process ends is cancelled, lest it take an event.
        self._server = web.Server(self._handle, access_log=None, handler_cancellation=True)
        self._listener: asyncio.Server | None = None
        self.ready: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()

    async def start(self) -> str:
        """Listen on any free port; give `host:port`."""
        self._listener = await asyncio.get_running_loop().create_server(self._server, HOST, 0)
        return f"{HOST}:{self._listener.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
        await self._server.shutdown(STOP_SECONDS)

    def submit(self, invocation: Invocation) -> None:
        self._invocations.put_nowait(invocation)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        match request.path.removeprefix(PREFIX).split("/"):
            case ["invocation", "next"]:
                return await self._next()
            case ["invocation", request_id, ("response" | "error") as kind]:
                return await self._settle(request, request_id, kind)
            case ["init", "error"]:
                return await self._init_error(request)
        return web.json_response({"errorType": "NotFound", "errorMessage": request.path}, status=404)

    async def _next(self) -> web.Response:
        if not self.ready.done():
            self.ready.set_result(None)
        self._current = invocation = await self._invocations.get()
        invocation.delivered = True
        return web.Response(
            body=invocation.event,
            content_type="application/json",
            headers={
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + invocation.timeout_seconds) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": self._function_arn,
                "Lambda-Runtime-Trace-Id": invocation.trace_id,
            },
        )

    async def _settle(self, request: web.BaseRequest, request_id: str, kind: str) -> web.Response:
        invocation = self._current
        if invocation is None or invocation.request_id != request_id:
            return web.json_response({"errorType": "InvalidRequestID"}, status=400)
        payload = await _read(request)
        if payload is None:
            cap = f"maximum allowed payload size ({LAMBDA_RESPONSE_MAX_BYTES} bytes)"
            invocation.settle(failure(TOO_LARGE, f"Response payload size exceeded {cap}."))
            return web.json_response({"errorType": "RequestEntityTooLarge"}, status=413)
        error_type = request.headers.get(ERROR_TYPE_HEADER, "Unhandled") if kind == "error" else None
        invocation.settle(Outcome(payload, error_type))
        return _accepted()

    async def _init_error(self, request: web.BaseRequest) -> web.Response:
        payload = await _read(request)
        if not self.ready.done():
            error_type = request.headers.get(ERROR_TYPE_HEADER, "Runtime.Unknown")
            self.ready.set_result(Outcome(payload or b"{}", error_type))
        return _accepted()


def _accepted() -> web.Response:
    return web.json_response({"status": "OK"}, status=202)


async def _read(request: web.BaseRequest) -> bytes | None:
    """Read a body, or give None as soon as it passes Lambda's cap on a response."""
    chunks, size_bytes = [], 0
    async for chunk in request.content.iter_any():
        size_bytes += len(chunk)
        if size_bytes > LAMBDA_RESPONSE_MAX_BYTES:
            return None
        chunks.append(chunk)
    return b"".join(chunks)
