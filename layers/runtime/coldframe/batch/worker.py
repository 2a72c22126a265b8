"""What is done about one dropped file: pin it, score it, report it, or stop in time and go on later."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from email.header import decode_header, make_header
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from coldframe import limits
from coldframe.batch.bucket import Bucket
from coldframe.batch.drop import Drop
from coldframe.batch.job import Counts, Job, find_job, pin_job, save_place
from coldframe.batch.layout import DEFAULT_COLUMN
from coldframe.batch.models import Models
from coldframe.batch.progress import tell
from coldframe.batch.report import is_reported, report_done, report_failed
from coldframe.batch.run import Run, readable
from coldframe.errors import FileRefused, ObjectNotFound, StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@dataclass(frozen=True)
class Outcome:
    """What one run came to, and the rows of this run; "repeated" is a file that was done with before."""

    state: Literal["done", "failed", "paused", "repeated"]
    scored: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class Worker:
    """Scores files. `send_on` sends the file's message again, for the next run to take up.

    Whatever a worker does may be done twice, at the same time, or be cut short anywhere: all that it writes
    under a final name depends on the job document alone, which is written once.
    """

    s3: "S3Client"
    results: str
    models: Models
    send_on: Callable[[Drop], None]

    def work(self, drop: Drop, remaining_seconds: Callable[[], float]) -> Outcome:
        """Bring the file to its report, or as far as the time allows. Raises what another try may mend."""
        results = Bucket(self.s3, self.results)
        if is_reported(results, drop):
            return Outcome("repeated")
        try:
            return self._advance(drop, results, remaining_seconds)
        except FileRefused as refusal:
            report_failed(results, drop, refusal)
            tell(results, drop, "failed", problem=refusal.problem)
            return Outcome("failed")

    def tell_failure(self, drop: Drop, problem: str) -> None:
        """Say in the file's progress that a try has failed and another one will come."""
        tell(Bucket(self.s3, self.results), drop, "retrying", problem=problem)

    def _advance(self, drop: Drop, results: Bucket, remaining_seconds: Callable[[], float]) -> Outcome:
        inbox = Bucket(self.s3, drop.bucket)
        job = find_job(results, drop) or self._pin(drop, inbox, results)
        run = Run(job, inbox, results, self.models.open(drop.model, job.target).predictor)
        before = job.place.counts if job.place else Counts()
        try:
            finished = _run_until_late(
                run, remaining_seconds, lambda: tell(results, drop, "running", run.progress())
            )
            if run.is_large or not finished:  # a run that ends while S3 puts the parts together goes on there
                job = save_place(results, job, run.place())
            if finished:
                run.finish()
        except FileRefused:
            run.abandon()
            raise
        except ObjectNotFound:
            save_place(results, job, None)  # its uploads have ended: the next run begins anew
            raise
        if finished:
            report_done(results, job, run.layout, run.counts)
        else:
            self.send_on(drop)
        state: Literal["done", "paused"] = "done" if finished else "paused"
        tell(results, drop, state, run.progress())
        return Outcome(state, run.counts.scored - before.scored, run.counts.rejected - before.rejected)

    def _pin(self, drop: Drop, inbox: Bucket, results: Bucket) -> Job:
        target = self.models.live(drop.model)
        with readable():
            head = inbox.head(drop.key, drop.version, drop.etag)
        column = drop.column or _decoded(head.metadata.get("column", "")) or DEFAULT_COLUMN
        pin_job(results, Job(drop, head.size, column, target))
        job = find_job(results, drop)
        if job is None:
            raise StoreUnavailable(f"{drop.job_key} was written and is not there")
        return job


def _decoded(metadata: str) -> str:
    """S3 gives what is not ASCII in the form of RFC 2047; what clients percent-encode, as it is."""
    return unquote(str(make_header(decode_header(metadata))))


def _run_until_late(
    run: Run, remaining_seconds: Callable[[], float], tell_progress: Callable[[], None]
) -> bool:
    """Work to the file's end, or until another step might not end in time; say which."""
    reserve = max(limits.BATCH_RESERVE_SECONDS, limits.BATCH_RESERVE_SHARE * remaining_seconds())
    slowest, told = 0.0, time.monotonic()
    for seconds in run.steps():
        slowest = max(slowest, seconds)
        if remaining_seconds() < reserve + 2 * slowest:
            return False
        if time.monotonic() - told >= limits.BATCH_PROGRESS_SECONDS:
            tell_progress()
            told = time.monotonic()
    return True
