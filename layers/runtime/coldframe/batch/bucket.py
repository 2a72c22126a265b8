"""A bucket through boto3: any key, object versions, multipart uploads; and how long all of that took."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from coldframe import limits
from coldframe.errors import IntegrityError, ObjectNotFound, PreconditionFailed, StoreUnavailable
from coldframe.store import StoredObject

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

JSON = "application/json"
_ABSENT = frozenset(
    {
        "404",
        "NoSuchKey",
        "NoSuchVersion",
        "NoSuchUpload",
        "InvalidPart",  # of an upload whose parts are not those that a run noted
        "MethodNotAllowed",  # a deletion marker
        "InvalidObjectState",  # archived
    }
)
_CHANGED = frozenset({"412", "PreconditionFailed"})


def bounded() -> Config:
    """Return settings with which no call to AWS waits longer than what a run keeps back of its time."""
    return Config(
        connect_timeout=limits.BATCH_CONNECT_SECONDS,
        read_timeout=limits.BATCH_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": limits.BATCH_ATTEMPTS_MAX_COUNT},
        request_checksum_calculation="when_required",  # a part's must fit what the upload began with: none
    )


@dataclass(frozen=True)
class Head:
    """What S3 knows of an object version: its size in bytes and its user metadata."""

    size: int
    metadata: dict[str, str]


@dataclass
class Bucket:
    """One bucket. Every method raises `StoreUnavailable` when S3 does not do what it was asked."""

    client: "S3Client"
    name: str
    seconds: float = field(default=0.0, compare=False)

    def head(self, key: str, version: str, etag: str) -> Head:
        """Look at an object version. Raises `ObjectNotFound`, and `PreconditionFailed` for another ETag."""
        with self._call(key):
            found = self.client.head_object(
                Bucket=self.name, Key=key, IfMatch=f'"{etag}"', **_version(version)
            )
        return Head(found["ContentLength"], found["Metadata"])

    def latest(self, key: str) -> tuple[str, str] | None:
        """Return version ("null" without versions) and ETag of what lies there now, if anything does."""
        try:
            with self._call(key):
                found = self.client.head_object(Bucket=self.name, Key=key)
        except ObjectNotFound:
            return None
        return found.get("VersionId", "null"), found["ETag"].strip('"')

    def keys(self, prefix: str, max_count: int, after: str = "") -> dict[str, datetime]:
        """Return the first keys below `prefix` that sort behind `after`, and when each was written."""
        with self._call(prefix):
            found = self.client.list_objects_v2(
                Bucket=self.name, Prefix=prefix, StartAfter=after, MaxKeys=max_count
            )
        return {one["Key"]: one["LastModified"] for one in found.get("Contents", [])}

    def read(self, key: str, version: str, etag: str, start: int, size: int) -> bytes:
        """Read at most `size` bytes from `start`, which is before the end. Raises as `head` does."""
        try:
            return self._read(key, version, etag, start, size)
        except StoreUnavailable:  # boto3 tries again what fails at its beginning, not what breaks off
            return self._read(key, version, etag, start, size)

    def has(self, key: str) -> bool:
        """Say whether there is such an object."""
        try:
            with self._call(key):
                self.client.head_object(Bucket=self.name, Key=key)
        except ObjectNotFound:
            return False
        return True

    def get(self, key: str, max_bytes: int) -> StoredObject | None:
        """Read an object whole, if there is one. Raises `IntegrityError` above `max_bytes`."""
        try:
            with self._call(key):
                found = self.client.get_object(Bucket=self.name, Key=key)
                if found["ContentLength"] > max_bytes:
                    raise IntegrityError(f"{key} has {found['ContentLength']:,} bytes, not {max_bytes:,}")
                return StoredObject(found["Body"].read(), found["ETag"])
        except ObjectNotFound:
            return None

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Write an object, whatever was there."""
        with self._call(key):
            self.client.put_object(Bucket=self.name, Key=key, Body=data, ContentType=content_type)

    def create(self, key: str, data: bytes, content_type: str) -> None:
        """Write a new object (If-None-Match: *), unless the key is taken."""
        with contextlib.suppress(PreconditionFailed), self._call(key):
            self.client.put_object(
                Bucket=self.name, Key=key, Body=data, ContentType=content_type, IfNoneMatch="*"
            )

    def replace(self, key: str, data: bytes, content_type: str, etag: str) -> str:
        """Overwrite the object with this ETag, return the new one; `PreconditionFailed` if it has changed."""
        with self._call(key):
            put = self.client.put_object(
                Bucket=self.name, Key=key, Body=data, ContentType=content_type, IfMatch=etag
            )
        return put["ETag"]

    def begin_upload(self, key: str, content_type: str) -> str:
        """Begin a multipart upload and return its id."""
        with self._call(key):
            begun = self.client.create_multipart_upload(Bucket=self.name, Key=key, ContentType=content_type)
        return begun["UploadId"]

    def upload_part(self, key: str, upload: str, number: int, data: bytes) -> str:
        """Upload a part, numbered from 1, and return its ETag."""
        with self._call(key):
            sent = self.client.upload_part(
                Bucket=self.name, Key=key, UploadId=upload, PartNumber=number, Body=data
            )
        return sent["ETag"]

    def complete_upload(self, key: str, upload: str, etags: list[str]) -> None:
        """Make an object of the parts. Raises `PreconditionFailed` when the key is taken, `ObjectNotFound`
        when the upload has ended already.
        """
        with self._call(key):
            self.client.complete_multipart_upload(
                Bucket=self.name,
                Key=key,
                UploadId=upload,
                MultipartUpload={"Parts": [{"PartNumber": n, "ETag": e} for n, e in enumerate(etags, 1)]},
                IfNoneMatch="*",
            )

    def abort_upload(self, key: str, upload: str) -> None:
        """Throw the parts away."""
        with self._call(key):
            self.client.abort_multipart_upload(Bucket=self.name, Key=key, UploadId=upload)

    def _read(self, key: str, version: str, etag: str, start: int, size: int) -> bytes:
        with self._call(key):
            found = self.client.get_object(
                Bucket=self.name,
                Key=key,
                IfMatch=f'"{etag}"',
                Range=f"bytes={start}-{start + size - 1}",
                **_version(version),
            )
            return found["Body"].read()

    @contextlib.contextmanager
    def _call(self, key: str) -> Iterator[None]:
        """Time the call, and turn boto3's errors into ours."""
        start = time.perf_counter()
        try:
            yield
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _ABSENT:
                raise ObjectNotFound(f"nothing is stored at {key}") from error
            if code in _CHANGED:
                raise PreconditionFailed(f"another writer was first at {key}") from error
            raise StoreUnavailable(f"S3 refused {error.operation_name} of {key}: {code}") from error
        except BotoCoreError as error:
            raise StoreUnavailable(f"S3 did not answer for {key}: {type(error).__name__}") from error
        finally:
            self.seconds += time.perf_counter() - start


def _version(version: str) -> dict[str, Any]:
    return {"VersionId": version} if version != "null" else {}
