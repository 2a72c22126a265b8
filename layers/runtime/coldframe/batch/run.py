"""One run of a job: blocks in, answers out, from a place in the file to its end or to another place."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from coldframe.batch.bucket import Bucket
from coldframe.batch.job import Counts, Job, Place, Spent, Written
from coldframe.batch.layout import read_layout
from coldframe.batch.output import Output
from coldframe.batch.progress import now, progress
from coldframe.batch.records import Block, RecordReader
from coldframe.batch.rows import examine
from coldframe.batch.scoring import answer_all
from coldframe.batch.source import RangedFile, Window
from coldframe.batch.writing import header_text, rejects_header, rejects_text, result_text
from coldframe.decisions import Row
from coldframe.errors import FileRefused, ObjectNotFound, PreconditionFailed
from coldframe.predictor import Predictor


class Run:
    """Works through a file, block by block. Raises `FileRefused` where it cannot be read on."""

    def __init__(self, job: Job, inbox: Bucket, results: Bucket, predictor: Predictor) -> None:
        self._began, self._s3_before = time.perf_counter(), inbox.seconds + results.seconds
        self._job, self._inbox, self._results, self._predictor = job, inbox, results, predictor
        self._file = RangedFile(self._read_range, job.size)
        self._window = Window(self._file, job.place.offset if job.place else 0)
        self._from = place = job.place or self._first_place()
        self.layout, self.counts = place.layout, place.counts
        self._predictor_seconds = 0.0
        layout = self.layout
        self._reader = RecordReader(
            self._window,
            layout.encoding,
            layout.delimiter,
            predictor.block_bytes,
            place.line,
            place.searched,
        )
        self._rejected = Output(results, job.drop.rejected_key, place.rejected)
        self._result = Output(results, job.drop.result_key, place.result)

    def steps(self) -> Iterator[float]:
        """Score block after block; give the seconds that each took."""
        start = time.perf_counter()
        for block in self._reader.blocks():
            self._score(block)
            yield time.perf_counter() - start
            start = time.perf_counter()

    def place(self) -> Place:
        """Return where the run is, after a step."""
        return replace(
            self._from,
            offset=self._window.offset,
            line=self._reader.line,
            searched=self._reader.searched,
            result=self._result.written(),
            rejected=self._rejected.written(),
            counts=self.counts,
            spent=self.spent(),
            runs=self._from.runs + 1,
        )

    @property
    def is_large(self) -> bool:
        """Say whether finishing takes S3 long."""
        return self._rejected.is_large or self._result.is_large

    def finish(self) -> None:
        """Put the outputs under their final names: the rejects first, so that no result is without them."""
        self._rejected.finish()
        self._result.finish()

    def abandon(self) -> None:
        """Throw away what was uploaded."""
        self._rejected.abandon()
        self._result.abandon()

    def spent(self) -> Spent:
        """Return the seconds of this run and those before it."""
        before = self._from.spent
        return Spent(
            before.total + time.perf_counter() - self._began,
            before.predictor + self._predictor_seconds,
            before.s3 + self._inbox.seconds + self._results.seconds - self._s3_before,
        )

    def progress(self) -> dict[str, Any]:
        """Describe how far the job is."""
        read = {"bytes_read": self._file.position, "bytes_total": self._job.size}
        runs = {"started_at": self._from.started_at, "runs": self._from.runs + 1}
        return progress(self.counts, self.spent()) | read | runs

    def _first_place(self) -> Place:
        layout, line = read_layout(self._window, self._job.column)
        result = header_text(layout.header, self._predictor.columns, layout.delimiter)
        rejected = rejects_header(layout.header, layout.delimiter)
        written = Written(tail=result), Written(tail=rejected)
        return Place(layout, self._window.offset, line, *written, started_at=now())

    def _score(self, block: Block) -> None:
        examined = examine(block, self.layout, self._predictor.manifest.text_max_chars)
        answers = self._answers(examined.texts)
        self._count(answers, [reject.reason for reject in examined.rejects])
        self._rejected.write(rejects_text(examined.rejects, self.layout.delimiter))
        self._result.write(result_text(examined.rows, examined.lines, answers, self.layout.delimiter))

    def _answers(self, texts: list[str]) -> list[Row]:
        start = time.perf_counter()
        answers = answer_all(self._predictor, texts)
        self._predictor_seconds += time.perf_counter() - start
        return answers

    def _count(self, answers: list[Row], reasons: list[str]) -> None:
        self.counts = Counts(
            self.counts.scored + len(answers),
            dict(Counter(self.counts.reasons) + Counter(reasons)),
            dict(Counter(self.counts.labels) + Counter(words[-1] for words, _ in answers)),
        )

    def _read_range(self, start: int, size: int) -> bytes:
        drop = self._job.drop
        with readable():
            return self._inbox.read(drop.key, drop.version, drop.etag, start, size)


@contextmanager
def readable() -> Iterator[None]:
    """Raise `FileRefused` where the pinned version of the file cannot be read."""
    try:
        yield
    except (ObjectNotFound, PreconditionFailed) as error:
        raise FileRefused(
            "The file cannot be read: deleted, overwritten or archived", "drop it again"
        ) from error
