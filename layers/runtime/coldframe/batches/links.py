"""Presigned requests: a form that uploads one file, and links to what came of it.

They hold as long as the role's session that signed them, or for less: a Lambda function's lasts for hours.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html
"""

from botocore.config import Config

from coldframe import limits
from coldframe.batch.bucket import Bucket, bounded
from coldframe.batches.answers import UploadForm
from coldframe.responses import attachment


def settings() -> Config:
    """Return boto3's settings: no call outlasts the request, and links name the region.

    The address without a region redirects for a new bucket's first days, and a form would not follow.
    """
    return bounded().merge(
        Config(
            connect_timeout=limits.BATCHES_CONNECT_SECONDS,
            read_timeout=limits.BATCHES_READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": limits.BATCHES_ATTEMPTS_MAX_COUNT},
            signature_version="s3v4",
            s3={"addressing_style": "virtual"},
        )
    )


def upload_form(inbox: Bucket, key: str, metadata: dict[str, str]) -> UploadForm:
    """Sign a form that uploads to this very key, once or again, within the limits of size and time."""
    form = inbox.client.generate_presigned_post(
        inbox.name,
        key,
        Fields=dict(metadata),  # boto3 adds its own to it
        Conditions=[
            ["content-length-range", 1, limits.BATCHES_UPLOAD_MAX_BYTES],
            *({name: value} for name, value in metadata.items()),
        ],
        ExpiresIn=limits.BATCHES_UPLOAD_SECONDS,
    )
    return UploadForm(url=form["url"], fields=form["fields"])


def download_url(results: Bucket, key: str, file_name: str) -> str:
    """Sign a link that downloads the object under this name."""
    return results.client.generate_presigned_url(
        "get_object",
        {
            "Bucket": results.name,
            "Key": key,
            "ResponseContentDisposition": attachment(file_name),
        },
        limits.BATCHES_DOWNLOAD_SECONDS,
    )
