"""What the endpoint answers with, in the forms that its OpenAPI document shows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from coldframe.batches.marker import Marker

State = Literal["waiting", "queued", "running", "paused", "retrying", "done", "failed", "expired"]


class Job(BaseModel):
    """A job, and where it stands."""

    id: str
    state: State
    model: str
    file_name: str
    column: str | None
    created_at: datetime

    @classmethod
    def of(cls, marker: Marker, state: State, **more: Any) -> Self:
        """Describe a job; `more` is what a subclass adds."""
        return cls(**marker.model_dump(), state=state, **more)


class UploadForm(BaseModel):
    """A form to send with the method POST: its address, and the fields that go before the file."""

    url: str
    fields: dict[str, str]


class NewJob(Job):
    """A job that waits for its file, of 1 to `max_bytes` bytes, until `expires_at`."""

    upload: UploadForm
    expires_at: datetime
    max_bytes: int


class Progress(BaseModel):
    """How far a job is. `share` is that of the file's bytes, from 0 to 1."""

    rows: int
    scored: int
    rejected: int
    rows_per_second: float
    share: float = Field(ge=0, le=1)
    started_at: str
    updated_at: str
    problem: str | None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Read what the pipeline told; before it has looked at the file, its size is 0."""
        share = min(1.0, told["bytes_read"] / told["bytes_total"]) if told["bytes_total"] else 0.0
        return cls.model_validate({**told, "share": share})


class Scored(BaseModel):
    """The report of a file that was scored."""

    model_version: str
    column: str
    encoding: str
    delimiter: str
    rows: int
    scored: int
    rejected: int
    reasons: dict[str, int]
    labels: dict[str, int]


class Refused(BaseModel):
    """The report of a file that cannot be scored: why, and what to do."""

    problem: str
    fix: str
    columns: list[str] | None = None


class Download(BaseModel):
    """An address to get a file from, until `expires_at`."""

    url: str
    expires_at: datetime


class Downloads(BaseModel):
    """The scored rows, and those that could not be."""

    result: Download
    rejects: Download


class JobDetails(Job):
    """All that is known of a job."""

    progress: Progress | None
    report: Scored | Refused | None
    downloads: Downloads | None


class Jobs(BaseModel):
    """Jobs, the newest first; `next` is for the next page, if there is one."""

    batches: list[Job]
    next: str | None
