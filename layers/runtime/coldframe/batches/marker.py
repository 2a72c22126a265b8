"""The marker of a job: what was asked for and by whom, as one small object that is never changed.

`_batches/<owner>/<id>.json` in the results bucket. Ids count down: S3's own order then has the newest first.
"""

import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from pydantic import BaseModel

from coldframe import limits
from coldframe.batch.bucket import JSON, Bucket

ID = re.compile(r"[0-9a-f]{32}")
_LAST_MS = 2**48 - 1  # in the year 10889


class Marker(BaseModel):
    """A job as it was asked for."""

    id: str
    model: str
    file_name: str
    column: str | None
    created_at: datetime

    @property
    def upload_until(self) -> datetime:
        """When the upload form ends."""
        return self.created_at + timedelta(seconds=limits.BATCHES_UPLOAD_SECONDS)

    @property
    def folder(self) -> str:
        """What the job's file in the inbox and all that comes of it lie below, each in its bucket."""
        return f"{self.model}/_jobs/{self.id}/"

    @property
    def key(self) -> str:
        """The file's key in the inbox, without its name: policies and logs would have to carry that."""
        return f"{self.folder}rows.csv"

    @property
    def metadata(self) -> dict[str, str]:
        """What the file's metadata tell the pipeline, as header fields."""
        return {"x-amz-meta-column": quote(self.column, safe="")} if self.column else {}


def new_id(at: datetime) -> str:
    """Return 32 hex digits: the time left, in ms, and 80 random bits."""
    return f"{_LAST_MS - int(at.timestamp() * 1e3):012x}{secrets.token_hex(10)}"


def owner_of(api_key_id: str) -> str:
    """Return what stands for the API key with this id (which is not the key) in the markers' keys."""
    return hashlib.sha256(api_key_id.encode()).hexdigest()


def now() -> datetime:
    """Return the time in UTC, to the millisecond."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def write_marker(bucket: Bucket, owner: str, marker: Marker) -> None:
    """Write a marker, once."""
    bucket.create(_key(owner, marker.id), marker.model_dump_json().encode(), JSON)


def read_marker(bucket: Bucket, owner: str, job_id: str) -> Marker | None:
    """Return the owner's job of this id, if there is one."""
    if not ID.fullmatch(job_id):
        return None
    stored = bucket.get(_key(owner, job_id), limits.BATCHES_MARKER_MAX_BYTES)
    return Marker.model_validate_json(stored.data) if stored else None


def list_ids(bucket: Bucket, owner: str, after: str | None, max_count: int) -> list[str]:
    """Return the owner's ids, the newest first, from the one that follows `after` on."""
    prefix = _key(owner, "").removesuffix(".json")
    keys = bucket.keys(prefix, max_count, _key(owner, after) if after else "")
    return [key.removeprefix(prefix).removesuffix(".json") for key in keys]


def _key(owner: str, job_id: str) -> str:
    return f"_batches/{owner}/{job_id}.json"
