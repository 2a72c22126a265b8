"""How the local AWS endpoint is spoken to: with nothing of the user's own AWS profile, region or proxy."""

import os
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from infra.local.settings import AWS_START_SECONDS, HOST, REGION

# Any will do: moto asks for a key but does not check it.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_SESSION_TOKEN": "local",
}


def local_session() -> boto3.session.Session:
    settings = {"profile": (None, None, None, None), "config_file": (None, None, os.devnull, None)}
    return boto3.session.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
        botocore_session=botocore.session.Session(session_vars=settings),
    )


def forget_user_settings() -> None:
    """Take the user's AWS settings and proxy out of this process: obstore reads them from its environment."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["NO_PROXY"] = HOST


def local_client(service: Any, aws_url: str) -> Any:
    """Give a boto3 client of the local AWS endpoint."""
    config = Config(
        connect_timeout=AWS_START_SECONDS,
        read_timeout=AWS_START_SECONDS,
        retries={"max_attempts": 1},
        proxies={},
    )
    return local_session().client(service, endpoint_url=aws_url, config=config)
