"""The models of a bucket, opened when one is asked for: what is live of each, and single versions."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Self

from fastapi import HTTPException

from coldframe import limits, telemetry
from coldframe.errors import ArtifactError, ModelUnavailable, ObjectNotFound, ServiceUnavailable, StoreError
from coldframe.loading import LoadedModel, Stopwatch, load
from coldframe.manifest import NAME, VERSION
from coldframe.registry import (
    is_live,
    live_names,
    own_environment,
    published_target,
    published_versions,
    read_aliases,
)
from coldframe.slot import ModelSlot
from coldframe.store import Store
from coldframe.traffic import Inputs


class Models:
    """Keeps the last ones open that were asked for.

    Every method raises `HTTPException` (404) for a model or version that there is not, `ModelUnavailable` for
    one that cannot be served, `ServiceUnavailable` when the store does not answer.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._environment = store, own_environment()
        self._slot = lru_cache(limits.INFERENCE_MODELS_MAX_COUNT)(self._open_slot)
        self._version = lru_cache(limits.INFERENCE_VERSIONS_MAX_COUNT)(self._open_version)

    @classmethod
    def from_environment(cls) -> Self:
        """Open the bucket that MODEL_BUCKET names."""
        return cls(Store.open(os.environ["MODEL_BUCKET"]))

    def live(self, name: str, inputs: Inputs = ()) -> LoadedModel:
        """Return what answers of a model: its champion, or the challenger for its share of the traffic."""
        with self._reporting(name) as slot:
            return slot.current(inputs)

    def look(self, name: str) -> LoadedModel:
        """Return what would answer, to be described: nothing is counted for it."""
        with self._reporting(name) as slot:
            return slot.look()

    def version(self, name: str, version: str) -> LoadedModel:
        """Return one version of a model, whether it is live or not."""
        return self._version(name, version)

    def versions(self, name: str) -> list[str]:
        """Return the versions that may be asked for, oldest first."""
        with self._reached():
            return published_versions(self._store, name)

    def check_ready(self) -> None:
        """Raise `ModelUnavailable` unless a model is live."""
        with self._reached():
            names = self._store.folders("models/")
            if not any(is_live(self._store, name, self._environment) for name in names):
                raise ModelUnavailable(f"no model is live in {self._environment}: publish one")

    def _open_slot(self, name: str) -> ModelSlot:
        self._check_known(name)
        return ModelSlot.from_environment(name)

    def _open_version(self, name: str, version: str) -> LoadedModel:
        self._check_known(name)
        with self._reached():
            try:
                if not VERSION.fullmatch(version):
                    raise ObjectNotFound(version)
                target = published_target(self._store, name, version)
            except ObjectNotFound as error:
                known = ", ".join(published_versions(self._store, name))
                raise HTTPException(404, f"{name} has no version {version}: it has {known}.") from error
            return load(self._store, name, target, Stopwatch())

    def _check_known(self, name: str) -> None:
        with self._reached():
            try:
                if not NAME.fullmatch(name):
                    raise ObjectNotFound(name)
                read_aliases(self._store, name)
            except ObjectNotFound as error:
                known = ", ".join(live_names(self._store, self._environment)) or "none"
                raise HTTPException(404, f"There is no model {name}; there is {known}.") from error

    @contextmanager
    def _reporting(self, name: str) -> Iterator[ModelSlot]:
        slot = self._slot(name)
        try:
            yield slot
        finally:
            telemetry.report_loads(slot)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (ArtifactError, ObjectNotFound) as error:
            raise ModelUnavailable(str(error)) from error
        except StoreError as error:
            raise ServiceUnavailable(f"{error}: try again.") from error
