"""progress.json: how far a job is and how fast. It alone holds times, and nothing depends on it."""

import contextlib
import json
from datetime import UTC, datetime
from typing import Any, Literal

from coldframe import limits
from coldframe.batch.bucket import JSON, Bucket
from coldframe.batch.drop import Drop
from coldframe.batch.job import Counts, Spent
from coldframe.errors import StoreError

State = Literal["running", "paused", "retrying", "done", "failed"]


def progress(counts: Counts, spent: Spent) -> dict[str, Any]:
    """Describe rows and time."""
    return {
        "rows": counts.rows,
        "scored": counts.scored,
        "rejected": counts.rejected,
        "rows_per_second": round(counts.rows / spent.total, 1) if spent.total else 0.0,
        "seconds": {
            "predictor": round(spent.predictor, 3),
            "s3": round(spent.s3, 3),
            "other": round(spent.total - spent.predictor - spent.s3, 3),
        },
    }


def tell(
    bucket: Bucket, drop: Drop, state: State, known: dict[str, Any] | None = None, problem: str | None = None
) -> None:
    """Write how far the job is; who does not know leaves that as it was told before.

    No work is lost because this cannot be written.
    """
    with contextlib.suppress(StoreError):
        document = (known or _told(bucket, drop)) | {"state": state, "problem": problem, "updated_at": now()}
        bucket.put(drop.progress_key, json.dumps(document, ensure_ascii=False, indent=1).encode(), JSON)


def _told(bucket: Bucket, drop: Drop) -> dict[str, Any]:
    stored = bucket.get(drop.progress_key, limits.BATCH_REPORT_MAX_BYTES)
    if stored is not None:
        return dict(json.loads(stored.data))
    begun = {"bytes_read": 0, "bytes_total": 0, "runs": 0, "started_at": now()}
    return progress(Counts(), Spent()) | begun


def now() -> str:
    """Return the time in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
