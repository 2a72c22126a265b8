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
from infra.local.session import CREDENTIALS


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
        s3, results = self.place.client("s3"), self.place.output(RESULTS_BUCKET)
        drop = upload(s3, path, self.place.output(INBOX_BUCKET), key)
        with self._says_where(drop):
            note(f"{path.name} is in the inbox: s3://{drop.bucket}/{drop.key}")
            report = wait(s3, results, drop, self.place.stack)
            done = bool(report["state"] == "done")
            keys = (drop.result_key, drop.rejected_key) if done else ()
            files = [download(s3, results, key, into) for key in keys]
        show(report, path.name, files)
        return done

    @contextmanager
    def _says_where(self, drop: Drop) -> Iterator[None]:
        """Say, when what is inside ends early, that the scoring does not, and where its results will be."""
        try:
            yield
        except (KeyboardInterrupt, ColdframeError, BotoCoreError, ClientError, OSError):
            note(f"{drop.key} goes on being scored. Once its report is there, fetch all with:")
            for key in (drop.report_key, drop.result_key, drop.rejected_key):
                note(f"  {self._copy(key)}")
            raise

    def _copy(self, key: str) -> str:
        """Return a command of the AWS CLI; the local cloud takes any credentials, but not none."""
        copy = f"aws s3 cp {shlex.quote(f's3://{self.place.output(RESULTS_BUCKET)}/{key}')} ."
        if self.place.endpoint is None:
            return copy
        keys = " ".join(f"{name}={value}" for name, value in CREDENTIALS.items())
        return f"{keys} {copy} --endpoint-url {self.place.endpoint}"
