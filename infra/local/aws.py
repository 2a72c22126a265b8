"""S3, SQS and CloudWatch over HTTP: moto's server in its own process, and what the template declares."""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local.errors import StartFailed
from infra.local.names import queue_url
from infra.local.ports import port_of
from infra.local.session import CREDENTIALS, local_client
from infra.local.settings import AWS_START_SECONDS, HOST, STOP_SECONDS
from infra.local.stack import Bucket, Queue, Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_logs.client import CloudWatchLogsClient

logger = logging.getLogger(__name__)
RUN_AWS = Path(__file__).with_name("run_aws.py")
REDRIVE = "RedrivePolicy"


@asynccontextmanager
async def aws_server(listener: socket.socket) -> AsyncIterator[None]:
    """Run moto's server on a listening socket."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        str(RUN_AWS),
        str(os.getpid()),
        str(listener.fileno()),
        str(port_of(listener)),
        pass_fds=[listener.fileno()],
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", ""), **CREDENTIALS},
        start_new_session=True,  # Ctrl-C reaches the parent alone, which ends its children in order
    )
    listener.close()
    watching = asyncio.create_task(_tell_its_end(process))
    try:
        yield
    finally:
        watching.cancel()
        if process.returncode is None:
            process.kill()
        await asyncio.wait_for(process.wait(), STOP_SECONDS)


async def _tell_its_end(process: asyncio.subprocess.Process) -> None:
    code = await process.wait()
    logger.error(
        "The AWS endpoint has ended (%d) with all that it held: end Coldframe, start it again.", code
    )


async def create_resources(stack: Stack, aws_url: str) -> None:
    """Create buckets, queues and log groups; raise StartFailed when the endpoint does not answer."""
    try:
        async with asyncio.timeout(AWS_START_SECONDS):
            await asyncio.to_thread(_create, stack, aws_url)
    except TimeoutError as error:
        raise StartFailed(
            f"The AWS endpoint did not answer within {AWS_START_SECONDS:g} s: see above."
        ) from error


def logs_client(aws_url: str) -> "CloudWatchLogsClient":
    client: CloudWatchLogsClient = local_client("logs", aws_url)
    return client


def cloudwatch_client(aws_url: str) -> "CloudWatchClient":
    client: CloudWatchClient = local_client("cloudwatch", aws_url)
    return client


def _create(stack: Stack, aws_url: str) -> None:
    _create_queues(stack.queues, aws_url)
    _create_buckets(stack.buckets, aws_url)
    logs = local_client("logs", aws_url)
    for group in stack.log_groups:
        logs.create_log_group(logGroupName=group)


def _create_queues(queues: Iterable[Queue], aws_url: str) -> None:
    sqs = local_client("sqs", aws_url)
    for queue in queues:
        attributes = {name: value for name, value in queue.attributes.items() if name != REDRIVE}
        sqs.create_queue(QueueName=queue.name, Attributes=attributes)
    for queue in queues:  # once the queues that dead letters go to are there
        if REDRIVE in queue.attributes:
            sqs.set_queue_attributes(
                QueueUrl=queue_url(aws_url, queue.name), Attributes={REDRIVE: queue.attributes[REDRIVE]}
            )


def _create_buckets(buckets: Iterable[Bucket], aws_url: str) -> None:
    s3 = local_client("s3", aws_url)
    for bucket in buckets:
        s3.create_bucket(Bucket=bucket.name)
        if bucket.versioned:
            s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
        if bucket.notifications:
            told = [{"QueueArn": one.queue_arn, "Events": [one.event]} for one in bucket.notifications]
            s3.put_bucket_notification_configuration(
                Bucket=bucket.name, NotificationConfiguration={"QueueConfigurations": told}
            )


def url_of(listener: socket.socket) -> str:
    return f"http://{HOST}:{port_of(listener)}"
