"""Credentials of the container's endpoint, which here checks the token, rotates, is slow, fails, and errs."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import obstore
import pytest

from coldframe import limits
from coldframe.credentials import TOKEN, URI, container_credentials
from coldframe.errors import StoreUnavailable
from coldframe.store import Store
from tests.container_credentials import SECRET_TOKEN, Endpoint, served


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    with served() as endpoint:
        monkeypatch.setenv(URI, endpoint.uri)
        monkeypatch.setenv(TOKEN, SECRET_TOKEN)
        yield endpoint


@pytest.fixture
def store(endpoint: Endpoint, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of moto's S3 in an environment that has no keys, as SnapStart leaves it."""
    boto3.client("s3").put_object(Bucket=bucket, Key="a", Body=b"content")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return Store.open(bucket)


# ---- the provider


def test_credentials_come_with_the_token_and_expire_before_they_do(endpoint: Endpoint) -> None:
    now = datetime.now(UTC)
    found = container_credentials()
    assert (found["access_key_id"], found["secret_access_key"], found["token"]) == (
        "key-0",
        "secret",
        "session",
    )
    expires = found["expires_at"]
    assert expires is not None
    lasts = expires - now + timedelta(seconds=limits.CREDENTIALS_MARGIN_SECONDS)
    assert lasts == pytest.approx(timedelta(seconds=endpoint.lasts_seconds), abs=timedelta(seconds=30))


def test_one_failure_is_not_noticed(endpoint: Endpoint) -> None:
    endpoint.failures = 1
    assert container_credentials()["access_key_id"] == "key-0"


def test_failures_that_go_on_say_where_and_what_to_do(endpoint: Endpoint) -> None:
    endpoint.failures = limits.CREDENTIALS_ATTEMPTS_MAX_COUNT
    with pytest.raises(
        StoreUnavailable, match=rf"{re.escape(endpoint.uri)}.*500.*see that the function's var"
    ):
        container_credentials()


def test_a_wrong_token_is_refused_and_no_token_is_told(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, "another")
    with pytest.raises(StoreUnavailable, match="403") as refusal:
        container_credentials()
    assert endpoint.refused == limits.CREDENTIALS_ATTEMPTS_MAX_COUNT
    assert "another" not in str(refusal.value)


def test_an_endpoint_that_dawdles_is_given_up(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CREDENTIALS_SECONDS", 0.05)
    endpoint.delay_seconds = 0.5
    with pytest.raises(StoreUnavailable, match="timed out"):
        container_credentials()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"{}", b'{"AccessKeyId": "a"}', b"\xff", b'{"Expiration": "soon"}']
)
def test_an_answer_of_another_form_is_told(endpoint: Endpoint, body: bytes) -> None:
    endpoint.body = body
    with pytest.raises(StoreUnavailable, match=URI):
        container_credentials()


# ---- through obstore, with moto's S3


def test_a_store_reads_with_them_and_asks_once(endpoint: Endpoint, store: Store) -> None:
    for _ in range(3):
        assert store.get("a", 100).data == b"content"
    assert endpoint.given == ["key-0"]


def test_a_store_asks_again_once_they_expire_within_the_margin(endpoint: Endpoint, store: Store) -> None:
    endpoint.lasts_seconds = limits.CREDENTIALS_MARGIN_SECONDS - 10
    for _ in range(3):
        assert store.get("a", 100).data == b"content"
    assert endpoint.given == ["key-0", "key-1", "key-2"]


def test_a_store_of_before_a_restore_asks_where_the_restored_environment_may(
    endpoint: Endpoint, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only slots: whatever keeps a store has one of before the snapshot."""
    endpoint.lasts_seconds = limits.CREDENTIALS_MARGIN_SECONDS - 10
    store.get("a", 100)
    with served(token="the restored environment's") as restored:
        monkeypatch.setenv(URI, restored.uri)
        monkeypatch.setenv(TOKEN, "the restored environment's")
        assert store.get("a", 100).data == b"content"
        assert (restored.given, restored.refused) == (["key-0"], 0)
    assert endpoint.given == ["key-0"]


def test_without_credentials_the_store_is_unavailable_and_with_them_it_is_back(
    endpoint: Endpoint, store: Store
) -> None:
    endpoint.failures = 20
    with pytest.raises(StoreUnavailable, match="gives no credentials"):
        store.get("a", 100)
    endpoint.failures = 0
    assert store.get("a", 100).data == b"content"


def test_obstore_by_itself_does_not_ask_there(
    endpoint: Endpoint, store: Store, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason for all this: when it does, this module can go."""
    plain = obstore.store.S3Store(
        bucket,
        config={"metadata_endpoint": "http://127.0.0.1:9"},
        client_options={"allow_http": True},
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=1)},
    )
    with pytest.raises(obstore.exceptions.BaseError):
        obstore.get(plain, "a")
    assert endpoint.given == []
    assert endpoint.refused == 0


def test_keys_in_the_environment_need_no_endpoint() -> None:
    program = "import sys; from coldframe.store import Store; Store.open('b'); print(*sys.modules)"
    variables = {name: value for name, value in os.environ.items() if name != URI}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=variables, check=True, capture_output=True, text=True
    )
    assert "coldframe.credentials" not in ran.stdout.split()
