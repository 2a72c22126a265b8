import os
from collections.abc import Iterator

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # on a busy machine its threads wait for each other
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Coldframe")  # read when the telemetry is imported

import boto3
import pytest
from hypothesis import settings
from moto.server import ThreadedMotoServer

from coldframe.store import Store
from tests import made
from tests.handlers import variables

# How long an example takes is for the benchmarks: on a busy machine a deadline fails what is right.
settings.register_profile("coldframe", deadline=None)
settings.load_profile("coldframe")


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    """The endpoint of a moto server, which every AWS client of the session finds in the environment."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_REGION", "us-east-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield endpoint
    server.stop()


@pytest.fixture
def bucket(aws: str, request: pytest.FixtureRequest) -> str:
    """An empty bucket, one for each test."""
    name = f"test-{abs(hash(request.node.nodeid)):x}"
    boto3.client("s3", endpoint_url=aws).create_bucket(Bucket=name)
    return name


@pytest.fixture
def lambda_environment(aws: str, bucket: str) -> dict[str, str]:
    """What Lambda and the template set for the sentiment function, with a made version live."""
    made.published(Store.open(bucket), "v1.0.0")
    return variables(aws, bucket)
