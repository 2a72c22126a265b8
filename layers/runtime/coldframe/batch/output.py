"""One output file: text in, parts out, and nothing under the final name before it is whole."""

import contextlib

from coldframe import limits
from coldframe.batch.bucket import Bucket
from coldframe.batch.job import Written
from coldframe.errors import ObjectNotFound, PreconditionFailed

CSV = "text/csv; charset=utf-8"


class Output:
    """Writes `key`. A small file is one conditional PUT, a large one a multipart upload.

    Workers that repeat each other's work write the same bytes, so the second to finish finds it done.
    """

    def __init__(self, bucket: Bucket, key: str, written: Written) -> None:
        self._bucket, self._key = bucket, key
        self._upload, self._etags = written.upload, list(written.etags)
        self._tail = [written.tail.encode()]
        self._tail_bytes = len(self._tail[0])

    def write(self, text: str) -> None:
        """Take text, and upload a part when there is enough of it.

        Every thousand parts they become larger: S3 takes 10,000, which are then 440 GB.
        """
        data = text.encode()
        self._tail.append(data)
        self._tail_bytes += len(data)
        thousands = len(self._etags) // 1_000
        if self._tail_bytes >= limits.BATCH_PART_MIN_BYTES * (1 + thousands):
            self._send_tail()

    @property
    def is_large(self) -> bool:
        """Say whether parts have been uploaded."""
        return self._upload is not None

    def written(self) -> Written:
        """Return what another worker needs to go on."""
        return Written(self._upload, tuple(self._etags), b"".join(self._tail).decode())

    def finish(self) -> None:
        """Put the file under its final name, unless it is there.

        Raises `ObjectNotFound` when its upload has been aborted.
        """
        if self._upload is None:
            self._bucket.create(self._key, b"".join(self._tail), CSV)
            return
        try:
            if self._tail_bytes:
                self._send_tail()
            self._bucket.complete_upload(self._key, self._upload, self._etags)
        except PreconditionFailed:
            self.abandon()
        except ObjectNotFound:
            if not self._bucket.has(self._key):  # else it was this upload that has been completed
                raise

    def abandon(self) -> None:
        """Throw away what was uploaded."""
        if self._upload is not None:
            with contextlib.suppress(ObjectNotFound):
                self._bucket.abort_upload(self._key, self._upload)

    def _send_tail(self) -> None:
        if self._upload is None:
            self._upload = self._bucket.begin_upload(self._key, CSV)
        number = len(self._etags) + 1
        etag = self._bucket.upload_part(self._key, self._upload, number, b"".join(self._tail))
        self._etags.append(etag)
        self._tail, self._tail_bytes = [], 0
