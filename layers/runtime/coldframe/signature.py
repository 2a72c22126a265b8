"""Requests signed with a shared secret: `x-signature: t=<unix seconds>,v1=<HMAC-SHA256 in hex>`.

Signed is `<t>.<method>.<path>.<body>`: t as it is written in the header, with decimals or without; the path
as the client sent it, /v1 included and the query not; the body byte for byte.

Source: Stripe's webhook signatures (https://docs.stripe.com/webhooks), which sign `<t>.<body>`; method and
path keep a signature from opening another door. RFC 2104 (HMAC).
"""

import hmac
import os
import re
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coldframe import limits, problems
from coldframe.errors import PreconditionFailed, SignatureRefused, StoreError
from coldframe.store import Store

SCHEME = {
    "type": "apiKey",
    "in": "header",
    "name": "x-signature",
    "description": "t=<unix seconds>,v1=<HMAC-SHA256 of t.method.path.body in hex>",
}
_HEADER = re.compile(r"t=([1-9][0-9]{0,11}(?:\.[0-9]{1,9})?),v1=([0-9a-f]{64})")


def sign(secret: str, at: str, method: str, path: str, body: bytes) -> str:
    """Return the signature: 64 hexadecimal digits."""
    signed = f"{at}.{method}.{path}.".encode("utf-8", "surrogatepass") + body
    return hmac.digest(secret.encode(), signed, "sha256").hex()


def install(app: FastAPI, open_paths: Collection[str], secrets: str) -> None:
    """Refuse what is not signed with one of the secrets (separated by commas), and say so in the document.

    A GET of `open_paths` needs no signature.
    """
    accepted = tuple(secret for one in secrets.split(",") if (secret := one.strip()))
    app.add_middleware(SignedRequests, accepted, Store.open(os.environ["MODEL_BUCKET"]), open_paths)
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        document["components"]["securitySchemes"]["Signature"] = SCHEME
        document["security"] = [{"ApiKey": [], "Signature": []}]
        refused = {str(status): response for status, response in problems.documented((401,)).items()}
        for operation in (one for operations in document["paths"].values() for one in operations.values()):
            if operation.get("security") != []:
                operation["responses"].update(refused)
        return document

    app.openapi = openapi  # type: ignore[method-assign] # the documented way to extend it


class SignedRequests:
    """Lets a signature pass once, in any environment: the first to create its object in the store has it."""

    def __init__(
        self,
        app: ASGIApp,
        secrets: Sequence[str],
        store: Store,
        open_paths: Collection[str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app, self._secrets, self._store = app, secrets, store
        self._open_paths, self._clock = open_paths, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401, or 503 when the store cannot tell whether the signature is new; else pass it on."""
        if scope["method"] == "GET" and scope["path"] in self._open_paths:
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        try:
            self._use_up(self._verify(scope, body))
        except SignatureRefused as error:
            await problems.problem(scope, 401, str(error))(scope, receive, send)
        except StoreError:
            detail = "Whether the signature is new cannot be told at the moment: sign and send again."
            await problems.service_unavailable(scope, detail)(scope, receive, send)
        else:
            await self._app(scope, _once_more(body, receive), send)

    def _verify(self, scope: Scope, body: bytes) -> str:
        """Return the signature. Raises `SignatureRefused`."""
        at, given = _parsed(scope)
        now = self._clock()
        if abs(now - float(at)) > limits.SIGNATURE_WINDOW_SECONDS:
            raise SignatureRefused(
                f"The header x-signature is of {at}, and the server's time is {now:.0f}: sign again, with a "
                f"clock that is at most {limits.SIGNATURE_WINDOW_SECONDS} seconds off."
            )
        path = scope["aws.event"]["requestContext"]["path"]
        expected = [sign(secret, at, scope["method"], path, body) for secret in self._secrets]
        if not any(hmac.compare_digest(given, one) for one in expected):
            raise SignatureRefused(
                "The header x-signature does not fit this request: sign t.method.path.body with your secret, "
                "the path with /v1 and without the query, the body byte for byte."
            )
        return given

    def _use_up(self, signature: str) -> None:
        """Raises `SignatureRefused` when it was used before."""
        try:
            self._store.create(f"signatures/{signature}", b"")
        except PreconditionFailed as error:
            raise SignatureRefused(
                "The header x-signature was used before: sign each request anew. Equal requests within a "
                "second need decimals in t to differ."
            ) from error


def _parsed(scope: Scope) -> tuple[str, str]:
    found = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-signature"]
    if not found:
        raise SignatureRefused(
            f"The header x-signature is missing: send {SCHEME['description']}, and see docs/operating.md."
        )
    parts = _HEADER.fullmatch(found[0])
    if parts is None:
        raise SignatureRefused(
            "The header x-signature is malformed: send one, as t=<unix seconds>,v1=<64 hexadecimal digits>."
        )
    return parts[1], parts[2]


async def _read(receive: Receive) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _once_more(body: bytes, receive: Receive) -> Receive:
    """Give the body that was read, then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
