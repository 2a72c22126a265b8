"""One file there and back: uploaded, waited for, downloaded, and its report shown."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from coldframe.batch.drop import Drop
from coldframe.errors import ColdframeError
from infra.cli.batch.keys import inbox_key
from infra.cli.batch.report import show
from infra.cli.batch.transfer import download, upload
from infra.cli.batch.wait import wait
from infra.cli.notes import note
from infra.cli.place import INBOX_BUCKET, RESULTS_BUCKET, Place


@dataclass(frozen=True)
class Scoring:
    """How files are scored: where, by which model, from which column (None is the usual one, text)."""

    place: Place
    model: str
    column: str | None = None

    def key(self, name: str) -> str:
        """Return the inbox's key for a file of this name. Raises `ColdframeError` when it cannot be one."""
        return inbox_key(self.model, name, self.column)

    def score(self, path: Path, into: Path) -> bool:
        """Score the file, put what comes back into the folder, and say whether it could be scored."""
        key = self.key(path.name)
        into.mkdir(parents=True, exist_ok=True)
        drop = upload(self.place.client("s3"), path, self.place.output(INBOX_BUCKET), key)
        return bring_back(self.place, drop, path.name, into)


def bring_back(place: Place, drop: Drop, name: str, into: Path) -> bool:
    """Wait for the file's report, show it, and put what came of it into the folder; False if nothing did."""
    s3, results = place.client("s3"), place.output(RESULTS_BUCKET)
    with _says_how_to_go_on(place, drop, into):
        note(f"{name} is in the inbox: s3://{drop.bucket}/{drop.key}")
        report = wait(s3, results, drop, place.stack)
        done = bool(report["state"] == "done")
        keys = (drop.result_key, drop.rejected_key) if done else ()
        files = [download(s3, results, key, into) for key in keys]
    show(report, name, files)
    return done


@contextmanager
def _says_how_to_go_on(place: Place, drop: Drop, into: Path) -> Iterator[None]:
    """Say, when what is inside ends early, that the scoring does not, and how to have its results later."""
    try:
        yield
    except (KeyboardInterrupt, ColdframeError, BotoCoreError, ClientError, OSError):
        stack = ["--stack", place.stack] if place.endpoint is None else []
        note(f"{drop.key} goes on being scored. To wait for it again:")
        note(f"  {shlex.join(['coldframe', 'fetch', drop.key, '--into', str(into), *stack])}")
        raise
