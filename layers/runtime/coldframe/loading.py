"""One version of a model, from the store into memory: fetch, verify, open."""

import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from coldframe import limits
from coldframe.changes import Target
from coldframe.errors import IntegrityError, ManifestError, ModelUnavailable
from coldframe.manifest import (
    FEATURE_ROWS,
    KNOWLEDGE,
    LINEAR_TEXT,
    FileEntry,
    Manifest,
    check_version,
    sha256,
)
from coldframe.registry import file_key, manifest_key
from coldframe.store import Store

if TYPE_CHECKING:  # NumPy comes with it: imported by the thread that opens the model, not before the fetch
    from coldframe.features import FeatureModel
    from coldframe.predictor import Predictor


@dataclass(frozen=True)
class LoadedModel:
    """A version that was verified and opened, and when (ISO 8601, UTC).

    What is open answers to texts or to rows of features: who has the one or the other asks for its model.
    """

    target: Target
    manifest: Manifest
    opened: "Predictor | FeatureModel"
    since: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def predictor(self) -> "Predictor":
        """What answers to texts. Raises `ModelUnavailable` when this version scores rows of features."""
        if self.manifest.kind == FEATURE_ROWS:
            raise ModelUnavailable(f"{self._is_of_kind}: it scores numbers, and this is for texts")
        return cast("Predictor", self.opened)

    @property
    def feature_model(self) -> "FeatureModel":
        """What scores rows of features. Raises `ModelUnavailable` when this version answers to texts."""
        if self.manifest.kind != FEATURE_ROWS:
            raise ModelUnavailable(f"{self._is_of_kind}: it answers to texts, and this is for numbers")
        return cast("FeatureModel", self.opened)

    @property
    def _is_of_kind(self) -> str:
        return f"{self.manifest.name} {self.manifest.version} is of kind {self.manifest.kind}"


@dataclass
class Stopwatch:
    """Milliseconds by stage."""

    stages_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Note the time that the block takes, also when it fails."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.stages_ms[name] = (time.perf_counter() - start) * 1e3


def load(store: Store, name: str, target: Target, watch: Stopwatch) -> LoadedModel:
    """Fetch the version that `target` names, check size and SHA-256 of every byte, then open it.

    Where REQUIRE_SIGNATURE is not off, its signature is checked before anything of it is parsed.
    Raises `ArtifactError` when the version is not fit to serve, `ObjectNotFound` when a part of it is
    missing, `StoreUnavailable` when the store does not answer.
    """
    manifest, files = fetch(store, name, target, watch)
    with watch.stage("open"):
        opened = open_files(manifest, files)
    return LoadedModel(target, manifest, opened)


def fetch(store: Store, name: str, target: Target, watch: Stopwatch) -> tuple[Manifest, dict[str, bytes]]:
    """Fetch and check the manifest and the files of a version, as `load` does, and raise as it does."""
    with watch.stage("manifest"):
        manifest = _manifest(store, name, target)
    with watch.stage("files"), ThreadPoolExecutor(limits.FILES_FETCHED_MAX_COUNT) as pool:
        files = pool.map(lambda entry: (entry.name, fetch_file(store, manifest, entry)), manifest.files)
    return manifest, dict(files)


def _manifest(store: Store, name: str, target: Target) -> Manifest:
    check_version(target.version)  # it becomes part of a key
    data = store.get(manifest_key(name, target.version), limits.MANIFEST_MAX_BYTES).data
    if sha256(data) != target.manifest_sha256:
        raise IntegrityError(
            f"the manifest of {name} {target.version} does not have the SHA-256 of its alias"
        )
    if os.environ.get("REQUIRE_SIGNATURE", "off") != "off":
        from coldframe import signing  # brings cryptography, which others do without

        signing.check(store, name, target)
    return own_manifest(data, name, target.version)


def own_manifest(data: bytes, name: str, version: str) -> Manifest:
    """Read the manifest of this version. Raises `ManifestError` when it is malformed, or of another one."""
    manifest = Manifest.parse(data)
    if (manifest.name, manifest.version) != (name, version):
        raise ManifestError(f"{name} {version} holds the manifest of {manifest.name} {manifest.version}")
    return manifest


def fetch_file(store: Store, manifest: Manifest, entry: FileEntry) -> bytes:
    """Fetch a file of a version and check it. Raises `IntegrityError`, and what the store raises."""
    data = store.get(file_key(manifest.name, manifest.version, entry), entry.size).data
    entry.check(data)
    return data


def open_files(manifest: Manifest, files: Mapping[str, bytes]) -> "Predictor | FeatureModel":
    """Open a version whose bytes are at hand; it imports what this kind needs, and no more.

    Raises `ArtifactError` when they are not fit to serve, or of a kind that does not answer by itself.
    """
    if manifest.kind == LINEAR_TEXT:
        from coldframe import classifier

        return classifier.open_classifier(manifest, files)
    if manifest.kind == KNOWLEDGE:
        from coldframe.triage import opening

        return opening.open_triage(manifest, files)
    if manifest.kind == FEATURE_ROWS:
        from coldframe import features

        return features.open_features(manifest, files)
    raise ManifestError(f"{manifest.name} is of kind {manifest.kind}: a part of other models, no model")
