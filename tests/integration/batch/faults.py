"""Faults at storage calls: a worker is killed at one, or it fails, or another worker gets in between."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from obstore.exceptions import GenericError

from coldframe.store import Store

URL = "http://127.0.0.1/"


class Killed(BaseException):
    """The end of a worker: nothing that catches errors catches it."""


@dataclass
class Faults:
    """Sees each call of the clients that it watches, in order, and calls `strike` before one of them.

    `strike` may raise, or return what the call is answered with instead of being sent. With `after`, it is
    called when the call is done and its answer not yet seen.
    """

    calls: list[str] = field(default_factory=list)
    at: int | None = None
    after: bool = False
    strike: Callable[[], Any] = lambda: None
    struck: str | None = None

    def plan(self, at: int | None, strike: Callable[[], Any], after: bool = False) -> None:
        """Forget the calls so far; strike at the call with this index."""
        self.calls, self.at, self.strike, self.after, self.struck = [], at, strike, after, None

    def watch(self, client: Any) -> None:
        """Watch a boto3 client."""
        client.meta.events.register("before-send", self._before_send)
        client.meta.events.register("after-call", lambda **_: self._now(after=True))

    def watch_store(self, patch: pytest.MonkeyPatch) -> None:
        """Watch all reading of models."""
        for name in ("_read", "folders"):
            patch.setattr(Store, name, self._watched(getattr(Store, name)))

    def _before_send(self, request: Any, event_name: str, **_: Any) -> Any:
        self.calls.append(f"{event_name.rpartition('.')[2]} {request.url.partition('?')[0]}")
        return self._now(after=False)

    def _now(self, after: bool) -> Any:
        if self.at == len(self.calls) - 1 and self.after == after:
            self.at, self.struck = None, self.calls[-1]
            return self.strike()
        return None

    def _watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def watched(store: Store, key: str, *arguments: Any) -> Any:
            self.calls.append(f"Model {key}")
            self._in_store(after=False)
            answer = function(store, key, *arguments)
            self._in_store(after=True)
            return answer

        return watched

    def _in_store(self, after: bool) -> None:
        try:
            refused = self._now(after) is not None
        except ReadTimeoutError as error:
            raise GenericError("no answer") from error
        if refused:
            raise GenericError("refused")


def kill() -> None:
    raise Killed


def time_out() -> None:
    raise ReadTimeoutError(endpoint_url=URL)


def refuse(status: int, code: str) -> Callable[[], AWSResponse]:
    """Answer with an error instead of sending the call."""
    body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()

    class Raw(io.BytesIO):
        def stream(self, **_: Any) -> Iterator[bytes]:
            yield self.read()

    return lambda: AWSResponse(URL, status, HTTPHeaders(), Raw(body))


@contextmanager
def killed() -> Iterator[None]:
    """Expect the worker to be killed in here."""
    with pytest.raises(Killed):
        yield
