"""Headers of every answer, for a browser that meets one: it shall not guess, store, run, frame or tell of it.

Source: OWASP, REST Security Cheat Sheet, "Security Headers". Its X-Frame-Options is left out: every browser
that is still looked after goes by frame-ancestors. The template's gateway responses have the same headers.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coldframe import limits

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "strict-transport-security": f"max-age={limits.TLS_ONLY_SECONDS}",
}
_COMMON = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_NOT_STORED = [*_COMMON, (b"cache-control", b"no-store")]
_DOCUMENT = [*_COMMON, (b"cache-control", f"max-age={limits.OPENAPI_CACHE_SECONDS}".encode())]


class SecurityHeaders:
    """Adds them to whatever the app answers. An OpenAPI document is the one thing that may be kept."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = message["status"] == 200 and scope["path"].endswith("/openapi.json")
                message["headers"] = [*message["headers"], *(_DOCUMENT if kept else _NOT_STORED)]
            await send(message)

        await self._app(scope, receive, send_with_headers)
