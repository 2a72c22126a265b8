"""Where moto's S3 and SQS differ from AWS's in what our functions rely on.

Imported by run_aws alone. Tests see what S3 sends through the local endpoint, so that a newer moto which does
otherwise is noticed.
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial, wraps
from typing import Any, NoReturn

from moto.s3 import notifications
from moto.s3.exceptions import NoSuchUpload, S3ClientError
from moto.s3.models import MultipartDict
from moto.s3.responses import S3Response
from moto.sqs.models import Queue

PUT = notifications.S3NotificationEvent.OBJECT_CREATED_PUT_EVENT


class EventsAfterTheObject:
    """A WSGI application around moto's that sends a request's S3 events when the request has been handled.

    moto sends them from within, when the object is there but its metadata is not: who is quick would read
    none. And it sends two for a multipart upload, of which S3 sends the second alone.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application
        self._request = threading.local()  # the server handles each request on one thread
        self._send = notifications.send_event
        notifications.send_event = self._keep
        notifications._get_s3_event = _with_version(notifications._get_s3_event)

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        events: list[Callable[[], None]] = []
        self._request.events = events
        try:
            return self._application(environ, start_response)
        finally:
            for send in events:
                send()

    def _keep(
        self, account_id: str, event_name: notifications.S3NotificationEvent, bucket: Any, key: Any
    ) -> None:
        if event_name != PUT or key.multipart is None:
            self._request.events.append(partial(self._send, account_id, event_name, bucket, key))


def _with_version(get_s3_event: Callable[..., Any]) -> Callable[..., Any]:
    """Add `versionId` (in a versioned bucket) and `sequencer`, which moto leaves out, to each object.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """

    @wraps(get_s3_event)
    def get(event_name: str, bucket: Any, key: Any, notification_id: str) -> Any:
        event = get_s3_event(event_name, bucket, key, notification_id)
        for record in event["Records"]:
            if bucket.is_versioned:
                record["s3"]["object"]["versionId"] = key.version_id
            record["s3"]["object"]["sequencer"] = f"{time.time_ns():016X}"
        return event

    return get


def lock_deletes() -> None:
    """Let one thread at a time delete from a queue, and none add to it meanwhile.

    moto's delete puts a new list in the place of the old one: of two at once, the later brought back what the
    earlier had taken out.
    """
    queues: Any = Queue
    delete = queues.delete_message

    @wraps(delete)
    def delete_locked(queue: Any, receipt_handle: str) -> None:
        with queue._messages_lock:
            delete(queue, receipt_handle)

    queues.delete_message = delete_locked


def miss_ended_uploads() -> None:
    """Answer NoSuchUpload where an upload has been completed or aborted; moto fails with a 500."""

    def missing(_: Any, upload: str) -> NoReturn:
        raise NoSuchUpload(upload_id=upload)

    uploads: Any = MultipartDict
    uploads.__missing__ = missing


def honour_upload_forms() -> None:
    """Take the file of an upload form only if it is what the form's policy says; moto looks at no policy.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
    """
    responses: Any = S3Response
    post = responses._bucket_response_post

    @wraps(post)
    def post_checked(response: Any, request: Any, bucket: str) -> Any:
        if "policy" in response.form_data:
            check_form(response.form_data, len(response.body))
        return post(response, request, bucket)

    responses._bucket_response_post = post_checked


def check_form(form: Mapping[str, str], size: int) -> None:
    """Raise S3's own error for a form that is late, or whose fields or size are not what was signed."""
    policy = json.loads(base64.b64decode(form["policy"]))
    if datetime.fromisoformat(policy["expiration"]) < datetime.now(UTC):
        raise S3ClientError("AccessDenied", "Invalid according to Policy: Policy expired.")
    for condition in policy["conditions"]:
        if isinstance(condition, list):
            _check_size(size, *condition)
        elif any(form.get(name) != value for name, value in condition.items() if name != "bucket"):
            raise S3ClientError(
                "AccessDenied", f"Invalid according to Policy: Policy Condition failed: {condition}"
            )


def _check_size(size: int, _: str, least: int, most: int) -> None:
    if size < least:
        raise S3ClientError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
    if size > most:
        raise S3ClientError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
