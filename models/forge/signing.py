"""Sign a version in the store. What is signed, and how it is checked: coldframe.signing."""

from coldframe import limits
from coldframe.changes import Target
from coldframe.errors import ObjectNotFound, PreconditionFailed, SignatureInvalid
from coldframe.loading import own_manifest
from coldframe.manifest import check_version, sha256
from coldframe.registry import manifest_key, signature_key
from coldframe.signing import Signature, public_keys, verify
from coldframe.store import Store, StoredObject
from models.forge.keys import Signer, as_parameter


def sign_version(store: Store, name: str, version: str, signer: Signer) -> Target:
    """Sign a published version, and return what was signed; a signature by another key is replaced.

    Raises `ManifestError` when its manifest is none or of another version, `ObjectNotFound` without one,
    `StoreUnavailable`, and what the signer raises.
    """
    check_version(version)
    data = store.get(manifest_key(name, version), limits.MANIFEST_MAX_BYTES).data
    own_manifest(data, name, version)
    target = Target(version, sha256(data))
    sign_target(store, name, target, signer)
    return target


def sign_target(store: Store, name: str, target: Target, signer: Signer) -> None:
    """Sign a manifest whose SHA-256 is known; safe to repeat, and retried when another writer was faster."""
    key = signature_key(name, target.version)
    while True:
        old = _stored(store, key)
        if old is not None and _is_by(signer, old.data, target):
            return
        signature = signer.sign(bytes.fromhex(target.manifest_sha256))
        try:
            _write(store, key, Signature.of(signer.key_id, signature).to_bytes(), old)
        except PreconditionFailed:
            continue
        return


def _stored(store: Store, key: str) -> StoredObject | None:
    try:
        return store.get(key, limits.MODEL_SIGNATURE_MAX_BYTES)
    except ObjectNotFound:
        return None


def _is_by(signer: Signer, data: bytes, target: Target) -> bool:
    try:
        verify(data, target.manifest_sha256, public_keys(as_parameter(signer)))
    except SignatureInvalid:
        return False
    return True


def _write(store: Store, key: str, data: bytes, old: StoredObject | None) -> None:
    if old is None:
        store.create(key, data)
    else:
        store.replace(key, data, old.etag)
