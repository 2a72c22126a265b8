"""Jobs of API keys: made, found and listed, in the buckets of the CSV pipeline."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import boto3
from fastapi import HTTPException

from coldframe import limits
from coldframe.batch.bucket import Bucket
from coldframe.batch.drop import ENDINGS, Drop
from coldframe.batches.answers import (
    Download,
    Downloads,
    Job,
    JobDetails,
    Jobs,
    NewJob,
    Progress,
    Refused,
    Scored,
)
from coldframe.batches.links import download_url, settings, upload_form
from coldframe.batches.marker import Marker, list_ids, new_id, now, read_marker, write_marker
from coldframe.batches.request import BatchRequest
from coldframe.batches.state import find
from coldframe.errors import ArtifactError, ServiceUnavailable, StoreError
from coldframe.manifest import NAME
from coldframe.registry import is_live, live_names, own_environment
from coldframe.store import Store
from coldframe.telemetry import logger


@contextmanager
def _reachable() -> Iterator[None]:
    """Raise `ServiceUnavailable` where S3 does not do what it was asked, and log why."""
    try:
        yield
    except (StoreError, ArtifactError) as error:
        logger.warning("jobs out of reach", extra={"problem": str(error)})
        raise ServiceUnavailable("Jobs and files cannot be reached at the moment: try again.") from error


@dataclass(frozen=True)
class Batches:
    """The jobs of every owner. Every method raises `ServiceUnavailable` when S3 does not answer."""

    models: Store
    inbox: Bucket
    results: Bucket

    @classmethod
    def from_environment(cls) -> Self:
        """Open the buckets that MODEL_BUCKET, INBOX_BUCKET and RESULTS_BUCKET name."""
        s3 = boto3.client("s3", config=settings())
        inbox, results = (Bucket(s3, os.environ[name]) for name in ("INBOX_BUCKET", "RESULTS_BUCKET"))
        return cls(Store.open(os.environ["MODEL_BUCKET"]), inbox, results)

    @_reachable()
    def create(self, owner: str, request: BatchRequest) -> NewJob:
        """Make a job that waits for its file. Raises `HTTPException` (404) if the model is not live."""
        self._check_model(request.model)
        at = now()
        marker = Marker(id=new_id(at), created_at=at, **request.model_dump())
        write_marker(self.results, owner, marker)
        return NewJob.of(
            marker,
            "waiting",
            upload=upload_form(self.inbox, marker.key, marker.metadata),
            expires_at=marker.upload_until,
            max_bytes=limits.BATCHES_UPLOAD_MAX_BYTES,
        )

    @_reachable()
    def find(self, owner: str, job_id: str) -> JobDetails | None:
        """Return the owner's job of this id, if there is one, with links to its results once it is done."""
        marker = read_marker(self.results, owner, job_id)
        if marker is None:
            return None
        found = find(self.inbox, self.results, marker)
        report = found.report
        done = report is not None and report["state"] == "done"
        return JobDetails.of(
            marker,
            found.state(marker.upload_until, now()),
            progress=Progress.of(found.progress) if found.progress else None,
            report=report and (Scored if done else Refused).model_validate(report),
            downloads=self._downloads(marker, found.drop) if done and found.drop else None,
        )

    @_reachable()
    def page(self, owner: str, max_count: int, after: str | None) -> Jobs:
        """Return the owner's jobs, the newest first, from the one that follows the id `after` on."""
        ids = list_ids(self.results, owner, after, max_count + 1)
        shown = ids[:max_count]
        with ThreadPoolExecutor(limits.BATCHES_READERS_MAX_COUNT) as readers:
            jobs = list(readers.map(lambda job_id: self._brief(owner, job_id), shown))
        return Jobs(batches=[job for job in jobs if job], next=shown[-1] if len(ids) > max_count else None)

    def _brief(self, owner: str, job_id: str) -> Job | None:
        marker = read_marker(self.results, owner, job_id)
        if marker is None:  # its days have ended since it was listed
            return None
        return Job.of(marker, find(self.inbox, self.results, marker).state(marker.upload_until, now()))

    def _check_model(self, name: str) -> None:
        if NAME.fullmatch(name) and is_live(self.models, name, own_environment()):
            return
        names = ", ".join(live_names(self.models, own_environment())) or "none yet"
        raise HTTPException(
            404, f"There is no model {name}: send one of those that `coldframe models` lists ({names})."
        )

    def _downloads(self, marker: Marker, drop: Drop) -> Downloads:
        stem = (
            ENDINGS.sub("", marker.file_name)
            .encode()[: limits.BATCHES_STEM_MAX_BYTES]
            .decode(errors="ignore")
        )
        until = now() + timedelta(seconds=limits.BATCHES_DOWNLOAD_SECONDS)

        def link(key: str, what: str) -> Download:
            return Download(url=download_url(self.results, key, f"{stem}.{what}.csv"), expires_at=until)

        return Downloads(result=link(drop.result_key, "scored"), rejects=link(drop.rejected_key, "rejected"))
