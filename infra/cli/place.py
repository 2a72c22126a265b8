"""Where a command acts: the local cloud, or a stack on AWS. Both are spoken to in the same way."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from obstore.auth.boto3 import Boto3CredentialProvider

from coldframe.changes import PRODUCTION
from coldframe.errors import ColdframeError
from coldframe.store import Store
from infra.local.names import LOCAL_NAMES, local_name, queue_url
from infra.local.session import forget_user_settings, local_client, local_session
from infra.local.settings import HOST, LOCAL_STACK, Settings

CONNECT_SECONDS = 2.0
MODEL_BUCKET = "ModelBucketName"
MODEL_ENVIRONMENT = "ModelEnvironment"
MODEL_SIGNING = "ModelSigning"
INBOX_BUCKET = "InboxBucketName"
RESULTS_BUCKET = "ResultsBucketName"
INBOX_QUEUE = "InboxQueueUrl"
INBOX_DEAD_LETTER_QUEUE = "InboxDeadLetterQueueUrl"


class NotThere(ColdframeError):
    """Raise when the local cloud does not run, or AWS does not know the stack."""


@dataclass(frozen=True)
class Place:
    """One stack: its name, its outputs, the session to reach it. `endpoint` is None on AWS."""

    stack: str
    outputs: Mapping[str, str]
    session: boto3.Session
    endpoint: str | None = None

    @property
    def bucket(self) -> str:
        """The bucket of models."""
        return self.output(MODEL_BUCKET)

    @property
    def environment(self) -> str:
        """The environment whose aliases the stack's functions follow."""
        return self.outputs.get(MODEL_ENVIRONMENT, PRODUCTION)

    @property
    def must_be_signed(self) -> bool:
        """Whether the stack says that its functions open only versions that are signed."""
        return self.outputs.get(MODEL_SIGNING) == "required"

    def output(self, name: str) -> str:
        """Return what the stack says of itself under this name. Raises `NotThere` when it says nothing."""
        if name in self.outputs:
            return self.outputs[name]
        raise NotThere(f"The stack {self.stack} has no output {name}: deploy Coldframe to it (make deploy).")

    def store(self) -> Store:
        """Open the bucket that holds the models."""
        credentials = Boto3CredentialProvider(self.session)
        return Store.open(self.bucket, self.endpoint, self.session.region_name, credentials)

    def client(self, service: Any) -> Any:
        """Return a boto3 client."""
        return local_client(service, self.endpoint) if self.endpoint else self.session.client(service)

    def log_group(self, function: str) -> str:
        """Return the name of the log group of a function, which is named as its folder in functions/."""
        return f"/coldframe/{self.stack}/{function}"


def place(stack: str | None) -> Place:
    """Return the named stack on AWS, or the local cloud. Raises `NotThere`."""
    return _on_aws(stack) if stack else _here(Settings.from_environment(os.environ))


def local_place(aws_url: str) -> Place:
    """Return the local cloud whose AWS endpoint this is. From here on the process speaks to nothing else."""
    forget_user_settings()
    return Place(LOCAL_STACK, local_outputs(aws_url), local_session(), aws_url)


def local_outputs(aws_url: str) -> Mapping[str, str]:
    """Return what the local cloud would have as the outputs of a stack."""
    return {
        MODEL_BUCKET: LOCAL_NAMES["ModelBucket"],
        INBOX_BUCKET: local_name("InboxBucket"),
        RESULTS_BUCKET: local_name("ResultsBucket"),
        INBOX_QUEUE: queue_url(aws_url, local_name("InboxQueue")),
        INBOX_DEAD_LETTER_QUEUE: queue_url(aws_url, local_name("InboxDeadLetterQueue")),
    }


def _here(settings: Settings) -> Place:
    port = settings.port + 1
    try:
        socket.create_connection((HOST, port), CONNECT_SECONDS).close()
    except OSError as error:
        raise NotThere(
            f"No local cloud answers at {HOST}:{settings.port}: start it with `make run` in another "
            "terminal (a COLDFRAME_PORT there must be set here too), or name a stack on AWS with --stack."
        ) from error
    return local_place(f"http://{HOST}:{port}")


def _on_aws(stack: str) -> Place:
    session = boto3.Session()
    outputs = _outputs(session, stack)
    if MODEL_BUCKET not in outputs:
        raise NotThere(f"The stack {stack} has no output {MODEL_BUCKET}: is it one of Coldframe's?")
    return Place(stack, outputs, session)


def _outputs(session: boto3.Session, stack: str) -> Mapping[str, str]:
    try:
        found = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except (BotoCoreError, ClientError) as error:
        raise NotThere(
            f"AWS does not show the stack {stack}: {error} Check the name, and AWS_PROFILE and AWS_REGION."
        ) from error
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
