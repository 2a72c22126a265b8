"""report.json: the commit mark. It says nothing that a repetition of the work would say otherwise."""

import json
from typing import Any

from coldframe import limits
from coldframe.batch.bucket import JSON, Bucket
from coldframe.batch.drop import Drop
from coldframe.batch.job import Counts, Job
from coldframe.batch.layout import Layout
from coldframe.errors import FileRefused, IntegrityError


def is_reported(bucket: Bucket, drop: Drop) -> bool:
    """Say whether the file is done with. Raises `IntegrityError` when another has the same eight digits."""
    stored = bucket.get(drop.report_key, limits.BATCH_REPORT_MAX_BYTES)
    if stored is not None and not _file(drop).items() <= json.loads(stored.data).items():
        raise IntegrityError(f"{drop.report_key} is the report of another file: drop this one again")
    return stored is not None


def report_done(bucket: Bucket, job: Job, layout: Layout, counts: Counts) -> None:
    """Commit the result, unless that was done."""
    made = {
        "model_version": job.target.version,
        "column": layout.header[layout.column][: limits.BATCH_COLUMN_SHOWN_CHARS],
        "encoding": layout.encoding.name,
        "delimiter": layout.delimiter,
        "rows": counts.rows,
        "scored": counts.scored,
        "rejected": counts.rejected,
        "reasons": counts.reasons,
        "labels": counts.labels,
        "result": job.drop.result_key,
        "rejects": job.drop.rejected_key,
    }
    _report(bucket, job.drop, {"state": "done"} | _file(job.drop) | made)


def report_failed(bucket: Bucket, drop: Drop, refusal: FileRefused) -> None:
    """Say why the file cannot be scored, unless that was done."""
    why: dict[str, Any] = {"problem": refusal.problem, "fix": refusal.fix}
    if refusal.columns is not None:
        why["columns"] = refusal.columns
    _report(bucket, drop, {"state": "failed"} | _file(drop) | why)


def _file(drop: Drop) -> dict[str, str]:
    return {"file": drop.key, "object_version": drop.version, "etag": drop.etag, "model": drop.model}


def _report(bucket: Bucket, drop: Drop, document: dict[str, Any]) -> None:
    bucket.create(drop.report_key, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n", JSON)
