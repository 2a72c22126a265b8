"""One version of a model, from the store into memory: fetch, verify, open."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from coldframe import limits
from coldframe.errors import IntegrityError, ManifestError
from coldframe.manifest import FileEntry, Manifest, check_version, sha256
from coldframe.registry import Target, manifest_key, version_prefix
from coldframe.store import Store

if TYPE_CHECKING:  # NumPy comes with it: imported by the thread that opens the model, not before the fetch
    from coldframe.classifier import Classifier


@dataclass(frozen=True)
class LoadedModel:
    """A version that was verified and opened, and when (ISO 8601, UTC)."""

    target: Target
    manifest: Manifest
    classifier: "Classifier"
    since: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))


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

    Raises `ArtifactError` when the version is not fit to serve, `ObjectNotFound` when a part of it is
    missing, `StoreUnavailable` when the store does not answer.
    """
    manifest, files = fetch(store, name, target, watch)
    with watch.stage("open"):
        classifier = _open(manifest, files)
    return LoadedModel(target, manifest, classifier)


def fetch(store: Store, name: str, target: Target, watch: Stopwatch) -> tuple[Manifest, dict[str, bytes]]:
    """Fetch and check the manifest and the files of a version, as `load` does, and raise as it does."""
    with watch.stage("manifest"):
        manifest = _manifest(store, name, target)
    with watch.stage("files"):
        files = {entry.name: _file(store, manifest, entry) for entry in manifest.files}
    return manifest, files


def _manifest(store: Store, name: str, target: Target) -> Manifest:
    check_version(target.version)  # it becomes part of a key
    data = store.get(manifest_key(name, target.version), limits.MANIFEST_MAX_BYTES).data
    if sha256(data) != target.manifest_sha256:
        raise IntegrityError(
            f"the manifest of {name} {target.version} does not have the SHA-256 of its alias"
        )
    manifest = Manifest.parse(data)
    if (manifest.name, manifest.version) != (name, target.version):
        raise ManifestError(
            f"{name} {target.version} holds the manifest of {manifest.name} {manifest.version}"
        )
    return manifest


def _file(store: Store, manifest: Manifest, entry: FileEntry) -> bytes:
    data = store.get(version_prefix(manifest.name, manifest.version) + entry.name, entry.size).data
    entry.check(data)
    return data


def _open(manifest: Manifest, files: Mapping[str, bytes]) -> "Classifier":
    from coldframe.classifier import Classifier
    from coldframe.linear import LinearText

    if "weights.npz" not in files:
        raise ManifestError(f"{manifest.name} {manifest.version} lists no weights.npz")
    return Classifier(
        LinearText.open(files["weights.npz"], manifest.labels, manifest.features, manifest.calibration),
        manifest,
    )
