"""The endpoint that gives an environment restored by SnapStart its credentials, played over HTTP."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

SECRET_TOKEN = "a-token-that-only-this-environment-has"


@dataclass
class Endpoint:
    """What is to be answered next, and what was asked."""

    uri: str = ""
    token: str = SECRET_TOKEN
    lasts_seconds: float = 6 * 3600
    delay_seconds: float = 0
    failures: int = 0
    body: bytes | None = None
    given: list[str] = field(default_factory=list)
    refused: int = 0

    def answer(self, token: str | None) -> tuple[int, bytes]:
        time.sleep(self.delay_seconds)
        if token != self.token:
            self.refused += 1
            return 403, b"who are you?"
        if self.failures:
            self.failures -= 1
            return 500, b"not now"
        self.given.append(f"key-{len(self.given)}")
        expiry = datetime.now(UTC) + timedelta(seconds=self.lasts_seconds)
        answer = {
            "AccessKeyId": self.given[-1],
            "SecretAccessKey": "secret",
            "Token": "session",
            "Expiration": expiry.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return 200, json.dumps(answer).encode() if self.body is None else self.body


@contextmanager
def served(token: str = SECRET_TOKEN) -> Iterator[Endpoint]:
    """Serve one until the block ends."""
    endpoint = Endpoint(token=token)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = endpoint.answer(self.headers["Authorization"])
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            pass  # who waits no longer has hung up

    server = Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    endpoint.uri = f"http://127.0.0.1:{server.server_port}/v1/credentials"
    yield endpoint
    server.shutdown()
    server.server_close()
