"""Put a model version into the store; the first one of a model is live at once.

Every step is safe to repeat: files first, the manifest last, so that a version exists once its manifest does;
then the alias.
"""

from collections.abc import Mapping

from coldframe import limits
from coldframe.aliases import Aliases
from coldframe.changes import PRODUCTION, Note, Target
from coldframe.errors import ManifestError, PreconditionFailed, VersionTaken
from coldframe.manifest import ENCODER, FileEntry, Manifest, sha256
from coldframe.registry import (
    change,
    file_key,
    manifest_key,
    published_versions,
    signature_key,
    version_numbers,
)
from coldframe.store import Store
from models.forge.gate.rule import UNSAFE
from models.forge.keys import Signer
from models.forge.opens import check_opens
from models.forge.signing import sign_target

_OWN_ADVICE = "versions never change, so give a new one (--version v1.2.3)"


def publish(
    store: Store,
    manifest: Manifest,
    files: Mapping[str, bytes],
    note: Note,
    environment: str = PRODUCTION,
    signer: Signer | None = None,
    signature: bytes | None = None,
) -> Target:
    """Write the version; make it the champion if there is none yet, and it is no mere part of other models.

    Raises `VersionTaken` when the version is there with other bytes, `IntegrityError` when `files` are not
    those of the manifest, `ManifestError` when the gate calls it UNSAFE or when it is larger than what is
    read again, `ArtifactError` when no function would open it, `StoreUnavailable`. A file of another version
    is written there first, unless it is there already. A `signer` signs
    the version, or its `signature` comes with it, before an alias names it.
    """
    if manifest.parity.get("verdict") == UNSAFE:
        raise ManifestError(
            f"{manifest.name} {manifest.version} is UNSAFE: {'; '.join(manifest.parity['reasons'])}"
        )
    data = manifest.to_bytes()
    if len(data) > limits.MANIFEST_MAX_BYTES:
        raise ManifestError(
            f"the manifest would have {len(data):,} bytes, and {limits.MANIFEST_MAX_BYTES:,} are read: "
            "choose thresholds for fewer labels"
        )
    for entry in manifest.files:
        entry.check(files[entry.name])
    check_opens(manifest, files)
    for entry in sorted(manifest.files, key=lambda entry: not entry.owner):
        key = file_key(manifest.name, manifest.version, entry)
        _create(store, key, files[entry.name], _advice(entry))
    _create(store, manifest_key(manifest.name, manifest.version), data, _OWN_ADVICE)
    target = Target(manifest.version, sha256(data))
    if signature is not None:
        _create(store, signature_key(manifest.name, manifest.version), signature, "sign it anew")
    if signer is not None:
        sign_target(store, manifest.name, target, signer)
    if manifest.kind != ENCODER:
        change(store, manifest.name, lambda old: _first(old, environment, target, note))
    return target


def _first(old: Aliases, environment: str, target: Target, note: Note) -> Aliases:
    return old if old.champion(environment) else old.promoted(environment, target, note)


def next_version(store: Store, name: str) -> str:
    """Return the version after the newest in the store: v1.2.4 after v1.2.3."""
    return version_after(published_versions(store, name)[-1])


def version_after(version: str) -> str:
    """Return v1.2.4 for v1.2.3."""
    major, minor, patch = version_numbers(version)
    return f"v{major}.{minor}.{patch + 1}"


def _advice(entry: FileEntry) -> str:
    """What to do when other bytes are there already."""
    owner = entry.owner.partition("/")[0]
    return f"raise the version in models/{owner}/model.toml" if owner else _OWN_ADVICE


def _create(store: Store, key: str, data: bytes, advice: str) -> None:
    """Write a new object; an earlier run that got this far has written the same bytes."""
    try:
        store.create(key, data)
    except PreconditionFailed:
        if store.get(key, limits.FILE_MAX_BYTES).data != data:
            raise VersionTaken(f"{key} is published already with other bytes: {advice}") from None
