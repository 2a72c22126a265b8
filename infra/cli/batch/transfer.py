"""Files to S3 and back, in parts and at once when they are big, with a bar."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from rich.progress import DownloadColumn, TransferSpeedColumn

from coldframe.batch.drop import Drop
from coldframe.errors import ColdframeError
from infra.cli.notes import bar

CLASSIC = TransferConfig(preferred_transfer_client="classic")  # any other would pass the client's events by


def upload(s3: Any, path: Path, bucket: str, key: str) -> Drop:
    """Upload the file; return the very object version that came of it, whoever else writes to the key.

    Version and ETag are in S3's answer to the last request of an upload, which `upload_file` keeps to itself
    but the client's events show. Asking for them afterwards could find another writer's.
    """
    written: dict[str, Any] = {}

    def keep(parsed: dict[str, Any], **_: object) -> None:
        written.update(parsed)

    for operation in ("PutObject", "CompleteMultipartUpload"):
        s3.meta.events.register(f"after-call.s3.{operation}", keep)
    with _bar("uploading", path.stat().st_size) as moved:
        s3.upload_file(str(path), bucket, key, Callback=moved, Config=CLASSIC)
    return Drop(bucket, key, written.get("VersionId", "null"), written["ETag"].strip('"'))


def download(s3: Any, bucket: str, key: str, into: Path) -> Path:
    """Download the object into the folder, under the last part of its key; never half of it."""
    path = into / PurePosixPath(key).name
    size = s3.head_object(Bucket=bucket, Key=key)["ContentLength"]
    with _bar("downloading", size) as moved:
        s3.download_file(bucket, key, str(path), Callback=moved, Config=CLASSIC)
    return path


@contextmanager
def _bar(what: str, total_bytes: int) -> Iterator[Callable[[int], None]]:
    """Show a bar that the callback moves on by bytes; not where nobody watches."""
    try:
        with bar(DownloadColumn(), TransferSpeedColumn()) as shown:
            task = shown.add_task(what, total=total_bytes)
            yield lambda count: shown.advance(task, count)
    except Boto3Error as error:
        raise ColdframeError(str(error)) from error
