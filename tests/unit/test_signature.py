"""Signed requests: what passes, what is refused and with which words, and that nothing passes twice."""

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from coldframe.signature import SignedRequests, sign
from coldframe.store import Store
from infra.local.ports import listen
from tests import made

NOW = 1_795_222_800.0
SECRET = "current"
OPEN = ("/sentiment/healthz", "/sentiment/openapi.json")


@dataclass(frozen=True)
class Sent:
    """A request, signed by default."""

    body: bytes = b'{"text": "a"}'
    method: str = "POST"
    path: str = "/v1/sentiment/predict"
    at: str = f"{NOW:.0f}"
    secret: str = SECRET

    def header(self) -> bytes:
        return f"t={self.at},v1={sign(self.secret, self.at, self.method, self.path, self.body)}".encode()


@dataclass
class Guarded:
    """The middleware before an app that notes what reaches it."""

    store: Store = field(default_factory=made.memory_store)
    secrets: tuple[str, ...] = (SECRET, "previous")
    reached: list[bytes] = field(default_factory=list)

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        self.reached.append(message["body"])
        assert (await receive())["type"] == "http.disconnect"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    def call(self, sent: Sent, *headers: bytes) -> tuple[int, dict[str, Any]]:
        messages: list[Message] = [
            {"type": "http.request", "body": sent.body[1:]},
            {"type": "http.disconnect"},
        ]
        if sent.body:
            messages.insert(0, {"type": "http.request", "body": sent.body[:1], "more_body": True})
        answer: list[Message] = []

        async def receive() -> Message:
            return messages.pop(0)

        async def send(message: Message) -> None:
            answer.append(message)

        scope = {
            "type": "http",
            "method": sent.method,
            "path": sent.path.removeprefix("/v1"),
            "headers": [(b"x-signature", header) for header in headers],
            "aws.event": {"requestContext": {"path": sent.path, "requestId": "a-request"}},
        }
        guard = SignedRequests(self._app, self.secrets, self.store, OPEN, lambda: NOW)
        asyncio.run(guard(scope, receive, send))
        return answer[0]["status"], json.loads(answer[1]["body"])

    def refusal(self, sent: Sent, *headers: bytes) -> str:
        status, problem = self.call(sent, *headers)
        assert (status, problem["type"]) == (401, "urn:coldframe:problem:unauthorized")
        assert problem["request_id"] == "a-request"
        assert self.reached == []
        return str(problem["detail"])


def test_the_signature_is_hmac_sha256_of_time_method_path_and_body() -> None:
    signed = b"1795222800.POST./v1/sentiment/predict.\xff\0body"
    expected = hmac.new(b"secret", signed, hashlib.sha256).hexdigest()
    assert sign("secret", "1795222800", "POST", "/v1/sentiment/predict", b"\xff\0body") == expected


@given(st.binary(max_size=50), st.sampled_from(["GET", "POST", "DELETE"]))
def test_what_is_signed_passes_as_it_is(body: bytes, method: str) -> None:
    guarded, sent = Guarded(), Sent(body=body, method=method)
    assert guarded.call(sent, sent.header())[0] == 200
    assert guarded.reached == [body]


@pytest.mark.parametrize("path", OPEN)
def test_what_needs_no_key_needs_no_signature(path: str) -> None:
    guarded = Guarded()
    assert "missing" in guarded.refusal(Sent(path="/v1" + path, method="POST"))
    assert "missing" in guarded.refusal(Sent(path="/v1/other" + path, method="GET"))
    assert guarded.call(Sent(path="/v1" + path, method="GET", body=b""))[0] == 200


@pytest.mark.parametrize("secret", ["current", "previous"])
def test_two_secrets_are_taken_during_a_rotation(secret: str) -> None:
    sent = Sent(secret=secret)
    assert Guarded().call(sent, sent.header())[0] == 200


@pytest.mark.parametrize("secrets", [("current",), ()])
def test_a_secret_that_is_no_longer_one_is_refused(secrets: tuple[str, ...]) -> None:
    sent = Sent(secret="previous")
    assert "does not fit" in Guarded(secrets=secrets).refusal(sent, sent.header())


@pytest.mark.parametrize("at", [NOW - 300, NOW + 300, NOW - 0.25])
def test_five_minutes_either_way_are_taken(at: float) -> None:
    sent = Sent(at=str(at))
    assert Guarded().call(sent, sent.header())[0] == 200


@pytest.mark.parametrize("at", [NOW - 301, NOW + 301, 1])
def test_more_is_refused_with_the_servers_time(at: float) -> None:
    sent = Sent(at=f"{at:.0f}")
    detail = Guarded().refusal(sent, sent.header())
    assert "the server's time is 1795222800" in detail
    assert "at most 300 seconds" in detail


def test_what_is_missing_or_malformed_is_told_with_the_form() -> None:
    sent = Sent()
    good = sent.header().decode()
    assert "x-signature is missing: send t=" in Guarded().refusal(sent)
    for bad in (
        "",
        "t=1",
        good.upper(),
        good.replace("t=", "t=0"),
        good.replace(",", ", "),
        good + ", " + good,  # as two headers arrive
        good[:-1],
        good + "0",
        good.replace("t=1", "t=１"),
        "t=nan,v1=" + "0" * 64,
    ):
        assert "x-signature is malformed" in Guarded().refusal(sent, bad.encode())


@given(st.sampled_from(["body", "method", "path", "at"]), st.integers(0, 1000), st.integers(0, 6))
def test_a_flipped_bit_anywhere_is_refused(part: str, place: int, bit: int) -> None:
    sent = Sent()
    value = sent.body if part == "body" else str(getattr(sent, part)).encode()
    flipped = bytearray(value)
    flipped[place % len(value)] ^= 1 << bit
    other: dict[str, Any] = {part: bytes(flipped) if part == "body" else flipped.decode()}
    changed = replace(sent, **other)
    header = f"t={changed.at},".encode() + sent.header().partition(b",")[2]
    Guarded().refusal(changed, header)


@given(st.binary(max_size=100), st.binary(max_size=100), st.text(st.characters(), max_size=20))
@example(Sent().header(), b"", "\ud800")
def test_no_header_no_body_and_no_path_breaks_it(header: bytes, body: bytes, path: str) -> None:
    Guarded().refusal(Sent(body=body, path=path), header)


def test_nothing_passes_twice_in_any_environment() -> None:
    store, sent = made.memory_store(), Sent()
    assert Guarded(store).call(sent, sent.header())[0] == 200
    assert "used before" in Guarded(store).refusal(sent, sent.header())
    later = replace(sent, at=sent.at + ".5")
    assert Guarded(store).call(later, later.header())[0] == 200


def test_what_is_refused_uses_nothing_up() -> None:
    store, sent = made.memory_store(), Sent()
    Guarded(store).refusal(replace(sent, body=b"other"), sent.header())
    assert Guarded(store).call(sent, sent.header())[0] == 200


def test_when_the_store_is_away_nothing_passes_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    listener = listen(0, "a test")
    port = listener.getsockname()[1]
    listener.close()
    guarded, sent = Guarded(Store.open("models", f"http://127.0.0.1:{port}", "us-east-1")), Sent()
    status, problem = guarded.call(sent, sent.header())
    assert (status, problem["type"]) == (503, "urn:coldframe:problem:service-unavailable")
    assert guarded.reached == []
