"""Where a job stands, told from what lies in S3."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from coldframe import limits
from coldframe.batch.bucket import Bucket
from coldframe.batch.drop import REPORT_ENDING, Drop
from coldframe.batches.answers import State
from coldframe.batches.marker import Marker

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """What there is of a job: its file (None before it is uploaded), and what the pipeline wrote about it."""

    drop: Drop | None = None
    progress: Document | None = None
    report: Document | None = None

    def state(self, upload_until: datetime, at: datetime) -> State:
        """Name the state at this time. The report decides; it is there before the progress says so."""
        if self.report or self.progress:
            return cast(State, (self.report or self.progress or {})["state"])
        if self.drop:
            return "queued"
        return "waiting" if at < upload_until else "expired"


def find(inbox: Bucket, results: Bucket, marker: Marker) -> Found:
    """Look up what there is of a job: two to four reads."""
    drop = _uploaded(inbox, marker) or _reported(inbox, results, marker)
    if drop is None:
        return Found()
    progress = _read(results, drop.progress_key)  # first: what ends in between shows as a report
    return Found(drop, progress, _read(results, drop.report_key))


def _uploaded(inbox: Bucket, marker: Marker) -> Drop | None:
    """The file under the job's key: of two uploads the later one counts, as everywhere in S3."""
    latest = inbox.latest(marker.key)
    return Drop(inbox.name, marker.key, *latest) if latest else None


def _reported(inbox: Bucket, results: Bucket, marker: Marker) -> Drop | None:
    """The file that the last report is about: reports outlive files in the inbox."""
    written = results.keys(marker.folder, limits.BATCHES_OBJECTS_MAX_COUNT)
    reports = [key for key in written if key.endswith(REPORT_ENDING)]
    if not reports:
        return None
    report = _read(results, max(reports, key=written.__getitem__)) or {}
    return Drop(inbox.name, report["file"], report["object_version"], report["etag"])


def _read(bucket: Bucket, key: str) -> Document | None:
    stored = bucket.get(key, limits.BATCH_REPORT_MAX_BYTES)
    return cast(Document, json.loads(stored.data)) if stored else None
