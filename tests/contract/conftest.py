import logging
import sys
from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest

from coldframe.store import Store
from tests import made
from tests.handlers import Client, load_function, variables


@pytest.fixture(scope="module")
def inference(aws: str) -> Iterator[Client]:
    """The function of the Open Inference Protocol, with three versions of sentiment and one of moderation."""
    boto3.client("s3", endpoint_url=aws).create_bucket(Bucket="test-inference")
    store = Store.open("test-inference")
    for seed, version in enumerate(("v1.0.0", "v1.10.0", "v1.2.0")):
        made.published(store, version, seed)
    made.published(store, "v2.0.0", seed=3, of=made.moderation)
    with pytest.MonkeyPatch.context() as patch:
        own = {"POWERTOOLS_SERVICE_NAME": "inference"}
        for name, value in (variables(aws, "test-inference") | own).items():
            patch.setenv(name, value)
        patch.delenv("MODEL_NAME")
        yield Client(load_function("inference").handler)


@pytest.fixture
def client(inference: Client) -> Client:
    """The same, logging to the stdout that pytest gives each test."""
    from coldframe import telemetry

    cast("logging.StreamHandler[Any]", telemetry.logger.registered_handler).stream = sys.stdout
    return inference
