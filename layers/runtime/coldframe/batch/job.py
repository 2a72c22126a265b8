"""The job document: what the first worker pinned, and where the last one stopped."""

from dataclasses import dataclass, field, replace

from pydantic import ConfigDict, TypeAdapter, ValidationError

from coldframe import limits
from coldframe.batch.bucket import JSON, Bucket
from coldframe.batch.drop import Drop
from coldframe.batch.layout import Layout
from coldframe.changes import Target
from coldframe.errors import IntegrityError, PreconditionFailed


@dataclass
class Counts:
    """Rows so far: how many, why not, and which labels."""

    scored: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        return sum(self.reasons.values())

    @property
    def rows(self) -> int:
        return self.scored + self.rejected


@dataclass
class Spent:
    """Seconds of all runs together, and where they went."""

    total: float = 0.0
    predictor: float = 0.0
    s3: float = 0.0


@dataclass(frozen=True)
class Written:
    """An output's parts that are uploaded, and the text behind them that is not yet."""

    upload: str | None = None
    etags: tuple[str, ...] = ()
    tail: str = ""


@dataclass(frozen=True)
class Place:
    """Where a run stopped: the next byte (unpacked) and line, and all that was made of those before them."""

    layout: Layout
    offset: int
    line: int
    result: Written
    rejected: Written
    counts: Counts = field(default_factory=Counts)
    spent: Spent = field(default_factory=Spent)
    started_at: str = ""
    searched: int = 0  # characters, in vain, for closing quotation marks
    runs: int = 0


@dataclass(frozen=True)
class Job:
    """One dropped file: the version that is read, its size in bytes, and the model version that scores it."""

    drop: Drop
    size: int
    column: str
    target: Target
    place: Place | None = None
    etag: str = ""  # of the document

    __pydantic_config__ = ConfigDict(extra="forbid")


_DOCUMENT = TypeAdapter(Job)


def find_job(bucket: Bucket, drop: Drop) -> Job | None:
    """Return the job that some worker pinned for this file, if one has.

    Raises `IntegrityError` for a document of another form or file; pydantic's own error would quote rows in
    the logs.
    """
    stored = bucket.get(drop.job_key, limits.BATCH_JOB_MAX_BYTES)
    if stored is None:
        return None
    try:
        job = replace(_DOCUMENT.validate_json(stored.data), etag=stored.etag)
    except ValidationError as error:
        wrong = ".".join(map(str, error.errors(include_input=False)[0]["loc"])) or "all of it"
        problem = f"{drop.job_key} is of another form ({wrong}): delete it, and the file is scored anew"
        raise IntegrityError(problem) from None
    if job.drop != drop:
        raise IntegrityError(f"{drop.job_key} is of another file: drop this one again")
    return job


def pin_job(bucket: Bucket, job: Job) -> None:
    """Write the document, unless another worker was first."""
    bucket.create(job.drop.job_key, _DOCUMENT.dump_json(job), JSON)


def save_place(bucket: Bucket, job: Job, place: Place | None) -> Job:
    """Write the document with another place, unless another worker has done so since this job was read."""
    placed = replace(job, place=place)
    try:
        etag = bucket.replace(job.drop.job_key, _DOCUMENT.dump_json(placed), JSON, job.etag)
    except PreconditionFailed:
        return job
    return replace(placed, etag=etag)
