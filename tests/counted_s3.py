"""A second S3 API on the buckets of the `aws` fixture, which notes what it is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


@dataclass(frozen=True)
class Asked:
    """One request: method, path, the ETag of If-None-Match if it names one, and the answer's status."""

    method: str
    path: str
    etag: str | None
    status: int


@dataclass
class CountedS3:
    """Where it answers, and all that it was asked so far."""

    endpoint: str = ""
    asked: list[Asked] = field(default_factory=list)

    def of(self, ending: str) -> list[Asked]:
        """Return the requests for objects whose key ends so."""
        return [one for one in self.asked if one.path.endswith(ending)]


@contextmanager
def counted_s3() -> Iterator[CountedS3]:
    """Serve it on a thread."""
    backend, counted = DomainDispatcherApplication(create_backend_app), CountedS3()

    def noted(environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, *rest: Any) -> Any:
            etag = environ.get("HTTP_IF_NONE_MATCH")
            code = int(status.partition(" ")[0])
            counted.asked.append(Asked(environ["REQUEST_METHOD"], environ["PATH_INFO"], etag, code))
            return start_response(status, *rest)

        return backend(environ, start)

    server = make_server("127.0.0.1", 0, noted, threaded=True)
    counted.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield counted
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
