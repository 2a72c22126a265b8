"""Waiting for a report, however long the file is, with a bar from progress.json."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotConnected
from rich.progress import TaskProgressColumn, TextColumn, TimeElapsedColumn

from coldframe.batch.drop import Drop
from infra.cli.notes import bar, note
from infra.local.settings import LOCAL_STACK

LOOK_SECONDS = 0.5  # the worker writes about once a second
STILL_MAX_SECONDS = 120.0  # then it is said where to look
AWAY_MAX_SECONDS = 60.0  # how long S3 may be out of reach
COLUMNS = (
    TaskProgressColumn(),
    TextColumn("{task.fields[rows]:,} rows"),
    TextColumn("{task.fields[speed]:,.0f}/s"),
    TimeElapsedColumn(),
)


def wait(s3: Any, bucket: str, drop: Drop, stack: str) -> Mapping[str, Any]:
    """Return the report once it is there; there is no limit, but it says when nothing changes for long.

    Raises botocore's errors, those of the connection only after `AWAY_MAX_SECONDS` of them.
    """
    notices, looks = Notices(stack, time.monotonic()), Looks(s3, bucket, drop)
    with bar(*COLUMNS) as shown:
        task = shown.add_task("waiting", total=None, rows=0, speed=0)
        while (report := looks.report()) is None:
            progress = looks.progress()
            for notice in notices.of(progress, time.monotonic()):
                note(notice, shown.console)
            if progress:
                shown.update(task, **_state(progress))
            time.sleep(LOOK_SECONDS)
    return report


class Looks:
    """What lies in the results bucket for one drop. S3 out of reach for a moment is as if nothing is new."""

    def __init__(self, s3: Any, bucket: str, drop: Drop) -> None:
        self._s3, self._bucket, self._drop = s3, bucket, drop
        self._progress: Mapping[str, Any] | None = None
        self._answered = time.monotonic()

    def report(self) -> Mapping[str, Any] | None:
        """Return the report, or None while there is none."""
        return self._read(self._drop.report_key)

    def progress(self) -> Mapping[str, Any] | None:
        """Return the last progress that was seen, or None before there is any."""
        self._progress = self._read(self._drop.progress_key) or self._progress
        return self._progress

    def _read(self, key: str) -> Mapping[str, Any] | None:
        document: Mapping[str, Any] | None = None
        try:
            document = json.loads(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
        except (NotConnected, HTTPClientError):
            if time.monotonic() - self._answered > AWAY_MAX_SECONDS:
                raise
            return None
        self._answered = time.monotonic()
        return document


class Notices:
    """What is worth a line beside the bar: each new problem, and once that nothing has changed for long."""

    def __init__(self, stack: str, now_seconds: float) -> None:
        self._stack, self._since_seconds, self._told = stack, now_seconds, False
        self._progress: Mapping[str, Any] = {}

    def of(self, progress: Mapping[str, Any] | None, now_seconds: float) -> Iterator[str]:
        """Give the lines that this progress (None: there is none yet) calls for at this time."""
        new, old = progress or {}, self._progress
        if new != old:
            self._progress, self._since_seconds, self._told = new, now_seconds, False
            if new.get("state") == "retrying" and new["problem"] != old.get("problem"):
                yield f"It will be tried again: {new['problem']}"
        elif not self._told and now_seconds - self._since_seconds >= STILL_MAX_SECONDS:
            self._told = True
            yield self._advice()

    def _advice(self) -> str:
        stack = "" if self._stack == LOCAL_STACK else f" --stack {self._stack}"
        return (
            f"Nothing has changed for {STILL_MAX_SECONDS:.0f} s. See what the function says: coldframe logs "
            f"batch{stack}. A file that failed five times is in: coldframe redrive --dry-run{stack}. "
            "Waiting goes on; Ctrl-C ends it."
        )


def _state(progress: Mapping[str, Any]) -> dict[str, Any]:
    """Turn progress.json into what the bar shows; a file whose first try failed has no figures yet."""
    return {
        "description": progress["state"],
        "completed": progress.get("bytes_read", 0),
        "total": progress.get("bytes_total") or None,
        "rows": progress.get("rows", 0),
        "speed": progress.get("rows_per_second", 0),
    }
