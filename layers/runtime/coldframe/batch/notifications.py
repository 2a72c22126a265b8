"""What S3 tells the queue: which files were dropped.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from coldframe.batch.drop import Drop


def drops(body: str) -> list[Drop]:
    """Read a message's body: the files that were created; none for S3's test event and for a folder.

    Raises ValueError, LookupError, TypeError or AttributeError for what is no event of S3's.
    """
    event = json.loads(body)
    if event.get("Event") == "s3:TestEvent":
        return []
    created = [one["s3"] for one in event["Records"] if one["eventName"].startswith("ObjectCreated:")]
    return [drop for drop in map(_drop, created) if drop.column or not drop.key.endswith("/")]


def notification(drop: Drop) -> str:
    """Write the body that tells of one file again, for whoever goes on with it."""
    described = {"key": quote_plus(drop.key), "versionId": drop.version, "eTag": drop.etag}
    s3 = {"bucket": {"name": drop.bucket}, "object": described}
    return json.dumps({"Records": [{"eventName": "ObjectCreated:Continue", "s3": s3}]})


def _drop(s3: Mapping[str, Any]) -> Drop:
    described = s3["object"]
    version = described.get("versionId") or "null"
    return Drop(s3["bucket"]["name"], unquote_plus(described["key"]), version, described["eTag"])
