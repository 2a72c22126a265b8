"""Whatever is asked for as a model or a version, it is described, tried or unknown: nothing fails."""

from collections.abc import Iterator
from urllib.parse import quote

import boto3
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coldframe.catalog.routes import PREFIXES
from coldframe.store import Store
from tests import made
from tests.handlers import Client, load_function, variables

ANYTHING = st.text(max_size=100) | st.from_regex(r"[a-z0-9.v/%~_-]{1,70}", fullmatch=True)
TYPES = st.sampled_from(["sentiment", "encoder", "aliases.json", "..", "%2e%2e", "history"]) | ANYTHING
VERSIONS = st.sampled_from(["latest", "v1.0.0", "v9999999999.0.0", "../../x", ""]) | ANYTHING


@pytest.fixture(scope="module")
def client(aws: str) -> Iterator[Client]:
    boto3.client("s3", endpoint_url=aws).create_bucket(Bucket="any-model")
    made.published(Store.open("any-model"), "v1.0.0")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables(aws, "any-model").items():
            patch.setenv(name, value)
        yield Client(load_function("registry").handler)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(PREFIXES),
    TYPES,
    st.sampled_from(["", "/health", "/history", "/"]),
    st.none() | VERSIONS,
    st.booleans(),
)
@example(PREFIXES[0], "sentiment", "/health", "\0", False)
def test_nothing_that_is_asked_for_makes_it_fail(
    client: Client, prefix: str, name: str, rest: str, version: str | None, quoted: bool
) -> None:
    asked = quote(name, safe="") if quoted else name
    query = None if version is None else {"version": version}
    status, _, answer = client.request("GET", f"{prefix}/{asked}{rest}", query=query)
    known = name == "sentiment" and rest in ("", "/health", "/history")
    if not known or status != 200:
        assert status == 404 or (name, rest) in {("healthz", ""), ("openapi.json", ""), ("", "")}
        return
    assert answer["model_type"] == "sentiment"
    if rest == "/history":
        assert len(answer["changes"]) == 1
    else:
        assert (answer["version"], answer["available"]) == ("v1.0.0", True)
