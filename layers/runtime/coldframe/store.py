"""The object store: bounded reads, conditional reads, and writes that never overwrite by accident."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotModifiedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from coldframe import limits
from coldframe.errors import IntegrityError, ObjectNotFound, PreconditionFailed, StoreUnavailable

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import ClientConfig, ObjectStore, RetryConfig, S3CredentialProvider


@dataclass(frozen=True)
class StoredObject:
    """An object's bytes and the ETag that conditional requests name."""

    data: bytes
    etag: str


@dataclass(frozen=True)
class Listed:
    """An object's key, its size in bytes, and when it was written."""

    key: str
    size: int
    modified: datetime


class Store:
    """One bucket. Every method raises `StoreUnavailable` when the bucket cannot be reached in time."""

    def __init__(self, backend: "ObjectStore") -> None:
        self._backend = backend

    @classmethod
    def open(
        cls,
        bucket: str,
        endpoint: str | None = None,
        region: str | None = None,
        credentials: "S3CredentialProvider | None" = None,
    ) -> Self:
        """Open `bucket`; what is not given comes from the AWS_ variables, as Lambda sets them."""
        given = {"endpoint": endpoint, "region": region}
        plain_http = (endpoint or os.environ.get("AWS_ENDPOINT_URL", "")).startswith("http://")
        return cls(
            S3Store(
                bucket,
                config={key: value for key, value in given.items() if value},  # type: ignore[arg-type]
                client_options=_client_options(plain_http),
                retry_config=_retries(),
                credential_provider=credentials or _container_credentials(),
            )
        )

    def get(self, key: str, max_bytes: int) -> StoredObject:
        """Read the object whole. Raises `ObjectNotFound`, and `IntegrityError` above `max_bytes`."""
        with _translated(key):
            return self._read(key, max_bytes, {})

    def get_if_changed(self, key: str, etag: str | None, max_bytes: int) -> StoredObject | None:
        """Read the object unless it is still the one with this ETag (If-None-Match); then None."""
        with _translated(key):
            try:
                return self._read(key, max_bytes, {"if_none_match": etag} if etag else {})
            except NotModifiedError:
                return None

    def find(self, key: str) -> Listed | None:
        """Return what is known of an object without reading it; None when there is none."""
        try:
            with _translated(key):
                facts = obstore.head(self._backend, key)
        except ObjectNotFound:
            return None
        return Listed(key, facts["size"], facts["last_modified"])

    def create(self, key: str, data: bytes) -> None:
        """Write a new object (If-None-Match: *). Raises `PreconditionFailed` when the key is taken."""
        with _translated(key):
            obstore.put(self._backend, key, data, mode="create", use_multipart=False)

    def replace(self, key: str, data: bytes, etag: str) -> None:
        """Overwrite the object with this ETag (If-Match). Raises `PreconditionFailed` when it has changed."""
        with _translated(key):
            obstore.put(self._backend, key, data, mode={"e_tag": etag}, use_multipart=False)

    def folders(self, prefix: str) -> list[str]:
        """List the names directly below `prefix` that have something below them, sorted."""
        with _translated(prefix):
            found = obstore.list_with_delimiter(self._backend, prefix)
        return sorted(path.rsplit("/", 1)[-1] for path in found["common_prefixes"])

    def objects(self, prefix: str) -> Iterator[Listed]:
        """List the objects below `prefix`, a folder's name with or without its slash."""
        with _translated(prefix):
            for chunk in obstore.list(self._backend, prefix):
                for meta in chunk:
                    yield Listed(meta["path"], meta["size"], meta["last_modified"])

    def delete(self, key: str) -> None:
        """Delete the object; one that is gone already is no error."""
        with _translated(key), suppress(FileNotFoundError):
            obstore.delete(self._backend, key)

    def _read(self, key: str, max_bytes: int, options: "GetOptions") -> StoredObject:
        answer = obstore.get(self._backend, key, options=options)
        size = answer.meta["size"]
        if size > max_bytes:
            raise IntegrityError(f"{key} has {size:,} bytes, more than the {max_bytes:,} allowed for it")
        return StoredObject(answer.bytes().to_bytes(), answer.meta["e_tag"] or "")


def _container_credentials() -> "S3CredentialProvider | None":
    if "AWS_CONTAINER_CREDENTIALS_FULL_URI" not in os.environ:
        return None
    from coldframe.credentials import container_credentials

    return container_credentials


def _client_options(plain_http: bool) -> "ClientConfig":
    return {
        "allow_http": plain_http,
        "connect_timeout": timedelta(seconds=limits.S3_CONNECT_SECONDS),
        "timeout": timedelta(seconds=limits.S3_REQUEST_SECONDS),
    }


def _retries() -> "RetryConfig":
    return {
        "max_retries": limits.S3_RETRIES_MAX_COUNT,
        "retry_timeout": timedelta(seconds=limits.S3_REQUEST_SECONDS),
    }


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """Turn obstore's errors into ours; a missing bucket is a missing object too."""
    try:
        yield
    except FileNotFoundError as error:  # what obstore raises for it
        raise ObjectNotFound(f"nothing is stored at {key}") from error
    except (AlreadyExistsError, PreconditionError) as error:
        raise PreconditionFailed(f"another writer was first at {key}") from error
    except NotModifiedError:
        raise
    except UnauthenticatedError as error:
        reason = str(error).partition("\n")[0]  # what follows is for who debugs obstore
        raise StoreUnavailable(f"the object store did not answer for {key}: {reason}") from error
    except BaseError as error:
        reason = type(error).__name__
        raise StoreUnavailable(f"the object store did not answer for {key}: {reason}") from error
