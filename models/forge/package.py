"""A version as one file, to carry it where there is no common store.

A .tar.gz that is the same on every machine. It holds manifest.json, manifest.sig where there is one, then the
files by name; those of another version lie below that one's name, as in encoder/v1.0.0/encoder.onnx. Nothing
else can be in it: no folder, no link.
Sources: POSIX.1-1988 (ustar); RFC 1952 (gzip).
"""

import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from coldframe import limits
from coldframe.errors import ArtifactError, ObjectNotFound
from coldframe.loading import fetch_file, own_manifest
from coldframe.manifest import MANIFEST, SIGNATURE, check_version
from coldframe.registry import manifest_key, signature_key
from coldframe.store import Store
from models.forge.folder_version import paths
from models.forge.stored_gzip import StoredGzip


def package(store: Store, name: str, version: str, into: Path) -> int:
    """Write a published version to the file `into`, which it replaces, and return its size in bytes.

    Raises `ArtifactError` when the version is not what its manifest lists, or has a name that does not fit,
    `ObjectNotFound`, `StoreUnavailable` and `OSError`; the file is then as it was.
    """
    check_version(version)
    data = store.get(manifest_key(name, version), limits.MANIFEST_MAX_BYTES).data
    manifest = own_manifest(data, name, version)
    with TemporaryDirectory(dir=into.absolute().parent, prefix=f".{into.name}.") as scratch:
        partial = Path(scratch) / into.name
        with partial.open("wb") as file:
            packed = StoredGzip(file)
            _add(packed, MANIFEST, data)
            if (signature := _signature(store, name, version)) is not None:
                _add(packed, SIGNATURE, signature)
            for path, entry in sorted(paths(manifest).items()):
                _add(packed, path, fetch_file(store, manifest, entry))
            packed.write(bytes(2 * tarfile.BLOCKSIZE))
            packed.close()
        partial.replace(into)
    return into.stat().st_size


def _signature(store: Store, name: str, version: str) -> bytes | None:
    try:
        return store.get(signature_key(name, version), limits.MODEL_SIGNATURE_MAX_BYTES).data
    except ObjectNotFound:
        return None


def _add(packed: StoredGzip, path: str, data: bytes) -> None:
    info = tarfile.TarInfo(path)  # mode 0644; owner, group and time 0
    info.size = len(data)
    try:
        header = info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")
    except ValueError as error:
        raise ArtifactError(
            f"{path} cannot be packaged ({error}): publish it under a shorter name"
        ) from error
    packed.write(header)
    packed.write(data + bytes(-len(data) % tarfile.BLOCKSIZE))
