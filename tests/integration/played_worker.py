"""A worker played by the test: it does with S3 what the batch function does, and scores by a rule.

The command knows the function only by what lies in S3, so what a file's life may look like (slow, retried,
failed, written over) is played here at will; the two of them together are proved in tests/e2e.
"""

import csv
import io
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import boto3

from coldframe.batch.drop import Drop

LOOK_SECONDS = 0.05


@dataclass
class PlayedWorker:
    """Scores every new object version of the inbox: a row with 良 is positive, a blank one is rejected.

    What lies in `first` is written as progress for `each_seconds` before a file is read; a name in `failing`
    gets a failed report.
    """

    s3: Any
    inbox: str
    results: str
    first: tuple[Mapping[str, Any], ...] = ()
    each_seconds: float = 0.0
    failing: tuple[str, ...] = ()
    drops: list[Drop] = field(default_factory=list)
    _ended: Event = field(default_factory=Event)

    def run(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            for drop in self._dropped():
                if drop not in self.drops:
                    self.drops.append(drop)
                    self._score(drop)

    def end(self) -> None:
        self._ended.set()

    def _dropped(self) -> list[Drop]:
        listed = self.s3.list_object_versions(Bucket=self.inbox).get("Versions", [])
        return [Drop(self.inbox, one["Key"], one["VersionId"], one["ETag"].strip('"')) for one in listed]

    def _score(self, drop: Drop) -> None:
        for progress in self.first:
            self._write(drop.progress_key, json.dumps(progress))
            time.sleep(self.each_seconds)
        facts = {"file": drop.key, "object_version": drop.version, "etag": drop.etag, "model": drop.model}
        if drop.key.rpartition("/")[2] in self.failing:
            failed = {"state": "failed", "problem": "There is no column text.", "fix": "Name one of these."}
            self._write(drop.report_key, json.dumps(facts | failed | {"columns": ["id", "本文"]}))
            return
        self._write(drop.report_key, json.dumps(facts | self._scored(drop)))

    def _scored(self, drop: Drop) -> dict[str, Any]:
        stored = self.s3.get_object(Bucket=drop.bucket, Key=drop.key, VersionId=drop.version)
        column = drop.column or "text"
        rows = list(csv.DictReader(io.StringIO(stored["Body"].read().decode())))
        scored = [{**row, "label": _label(row[column])} for row in rows if row[column]]
        rejected = [{"reason": "is blank", **row} for row in rows if not row[column]]
        self._write(drop.rejected_key, _csv(rejected))
        self._write(drop.result_key, _csv(scored))
        labels = [row["label"] for row in scored]
        return {
            "state": "done",
            "model_version": "v1.0.0",
            "column": column,
            "encoding": "utf-8",
            "delimiter": ",",
            "rows": len(rows),
            "scored": len(scored),
            "rejected": len(rejected),
            "reasons": {"is blank": len(rejected)},
            "labels": {label: labels.count(label) for label in ("positive", "negative")},
            "result": drop.result_key,
            "rejects": drop.rejected_key,
        }

    def _write(self, key: str, text: str) -> None:
        self.s3.put_object(Bucket=self.results, Key=key, Body=text.encode())


def _label(text: str) -> str:
    return "positive" if "良" in text else "negative"


def _csv(rows: list[dict[str, str]]) -> str:
    file = io.StringIO()
    if rows:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file.getvalue()


@contextmanager
def working(aws: str, inbox: str, results: str, **play: Any) -> Iterator[PlayedWorker]:
    """Run a played worker on its thread."""
    worker = PlayedWorker(boto3.client("s3", endpoint_url=aws), inbox, results, **play)
    thread = Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.end()
        thread.join(10)
        assert not thread.is_alive()
