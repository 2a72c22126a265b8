"""The HTTP front answers as API Gateway REST does: route, key, plan, size, model, function, in that order."""

import asyncio
import logging
import re
import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from infra.local.events import API_ID, Request, encode_event, proxy_event
from infra.local.function import FunctionPool, Result, Throttled
from infra.local.gateway_responses import GatewayError, render
from infra.local.models import find_violations
from infra.local.proxy import Answer, MalformedAnswer, read_answer
from infra.local.routing import Match, Router
from infra.local.settings import API_BODY_MAX_BYTES, LAMBDA_REQUEST_MAX_BYTES, Settings
from infra.local.stack import Api, FixedAnswer
from infra.local.usage import UsageMeter

logger = logging.getLogger(__name__)
access_logger = logging.getLogger("infra.local.access")
HOST_HEADER = re.compile(r"[A-Za-z0-9.-]*(:\d{1,5})?")  # Mangum fails on any other


@dataclass
class Exchange:
    """One request while it is answered, and what the access log says of it."""

    request: Request
    resource: str = ""
    start: str = "-"


class Gateway:
    """`pools` go by the function's name."""

    def __init__(self, api: Api, pools: Mapping[str, FunctionPool], settings: Settings) -> None:
        self._api, self._pools, self._settings = api, pools, settings
        self._router = Router(api.stage, api.routes)
        self._meter = UsageMeter(settings.plans)
        self._running: set[asyncio.Task[Result]] = set()

    async def handle(self, http: web.BaseRequest) -> web.StreamResponse:
        started = time.perf_counter()
        exchange = Exchange(read_request(http))
        answer = await self._answer_always(http, exchange)
        milliseconds = (time.perf_counter() - started) * 1000
        request = exchange.request
        access_logger.info(
            "%s %s %d %.1f ms %s",
            request.method,
            request.raw_path,
            answer.status,
            milliseconds,
            exchange.start,
        )
        headers = CIMultiDict(answer.headers)
        headers["x-amzn-RequestId"] = request.request_id
        headers["x-amz-apigw-id"] = request.extended_id
        return web.Response(status=answer.status, headers=headers, body=answer.body)

    async def stop(self) -> None:
        """Cancel what functions still work on."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _answer_always(self, http: web.BaseRequest, exchange: Exchange) -> Answer:
        try:
            return await self._answer(http, exchange)
        except GatewayError as error:
            return self._gateway_response(error, exchange)
        except (ConnectionError, web.RequestPayloadError):
            return self._gateway_response(GatewayError("BAD_REQUEST_BODY"), exchange)
        except Exception:
            logger.exception("The local gateway failed")
            return self._gateway_response(GatewayError("INTEGRATION_FAILURE"), exchange)

    async def _answer(self, http: web.BaseRequest, exchange: Exchange) -> Answer:
        request = exchange.request
        if (http.content_length or 0) > API_BODY_MAX_BYTES:
            raise GatewayError("REQUEST_TOO_LARGE")
        if not HOST_HEADER.fullmatch(request.host):
            raise GatewayError("DEFAULT_4XX")
        match = self._router.match(request.method, request.raw_path)
        exchange.resource = match.route.path
        if match.route.key_required:
            self._meter.admit(request.header("x-api-key"))
        body = await read_body(http)
        violations = find_violations(body, request.header("Content-Type"), match.route.models)
        if violations:
            raise GatewayError("BAD_REQUEST_BODY", violations)
        if isinstance(match.route.target, FixedAnswer):
            fixed = match.route.target
            return Answer(fixed.status, tuple(fixed.headers.items()), fixed.body.encode())
        return await self._invoke(self._pools[match.route.target], match, body, exchange)

    async def _invoke(self, pool: FunctionPool, match: Match, body: bytes, exchange: Exchange) -> Answer:
        request = exchange.request
        event = encode_event(proxy_event(request, body, match, self._api.stage, self._api.binary_types))
        if len(event) > LAMBDA_REQUEST_MAX_BYTES:
            raise GatewayError("REQUEST_TOO_LARGE")
        result = await self._wait(pool.invoke(event, request.request_id, request.trace_id))
        exchange.start = "cold" if result.cold else "warm"
        if result.outcome.error_type:
            raise GatewayError("DEFAULT_5XX")
        try:
            answer = read_answer(result.outcome.payload, request.header("Accept"), self._api.binary_types)
        except MalformedAnswer as error:
            logger.warning("%s: malformed Lambda proxy response: %s", exchange.resource, error)
            raise GatewayError("DEFAULT_5XX") from error
        return Answer(answer.status, (*answer.headers, ("X-Amzn-Trace-Id", request.trace_id)), answer.body)

    async def _wait(self, invocation: Coroutine[Any, Any, Result]) -> Result:
        """Wait as long as API Gateway does. The function goes on after that, as it does in Lambda."""
        task = asyncio.create_task(invocation)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait({task}, timeout=self._settings.integration_timeout_seconds)
        if not done:
            raise GatewayError("INTEGRATION_TIMEOUT")
        try:
            return task.result()
        except Throttled as error:
            raise GatewayError("INTEGRATION_FAILURE") from error

    def _gateway_response(self, error: GatewayError, exchange: Exchange) -> Answer:
        request = exchange.request
        headers = CIMultiDict(request.headers)
        rendered = render(error, self._api.responses, self._context(exchange), headers)
        return Answer(rendered.status, tuple(rendered.headers.items()), rendered.body)

    def _context(self, exchange: Exchange) -> Mapping[str, str]:
        request = exchange.request
        return {
            "apiId": API_ID,
            "extendedRequestId": request.extended_id,
            "httpMethod": request.method,
            "identity.sourceIp": request.source_ip,
            "identity.userAgent": request.header("User-Agent") or "",
            "path": request.raw_path,
            "protocol": "HTTP/1.1",
            "requestId": request.request_id,
            "requestTime": request.time,
            "requestTimeEpoch": str(request.time_ms),
            "resourcePath": exchange.resource,
            "stage": self._api.stage,
        }


def read_request(http: web.BaseRequest) -> Request:
    raw_path, _, raw_query = http.raw_path.partition("?")
    return Request(
        method=http.method,
        raw_path=raw_path,
        raw_query=raw_query,
        headers=tuple(http.headers.items()),
        source_ip=http.remote or "",
        host=http.headers.get("Host", ""),
    )


async def read_body(http: web.BaseRequest) -> bytes:
    """Read a whole body; raise GatewayError when it passes API Gateway's cap."""
    if http.headers.get("Expect", "").lower() == "100-continue":
        await http.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    chunks, size_bytes = [], 0
    async for chunk in http.content.iter_any():
        size_bytes += len(chunk)
        if size_bytes > API_BODY_MAX_BYTES:
            raise GatewayError("REQUEST_TOO_LARGE")
        chunks.append(chunk)
    return b"".join(chunks)
