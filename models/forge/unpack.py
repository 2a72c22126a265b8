"""A package, from wherever it comes, into a folder: wholly, or not at all.

Each name and size is known from the manifest, which comes first, before a byte is read for it; so a package
costs no more memory than a block, and no more disk than its manifest lists and the limits allow.
"""

import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from coldframe import limits
from coldframe.errors import ArtifactError
from coldframe.manifest import MANIFEST, SIGNATURE, FileEntry, Manifest
from models.forge.folder_version import paths

_READ_BYTES = 1024 * 1024
_END_MAX_BYTES = 20 * tarfile.BLOCKSIZE  # tar fills its last record up to 10,240 bytes
_UNREADABLE = (gzip.BadGzipFile, EOFError, zlib.error)


class PackageRefused(ArtifactError):
    """Raise when a file is not a package as `coldframe package` writes them: nothing of it was unpacked."""


def unpack(file: Path, into: Path) -> Manifest:
    """Unpack `file` into the new folder `into`, and return its manifest.

    Raises `PackageRefused` for whatever is not a package, `ManifestError` for its manifest, `OSError`; `into`
    is then as it was.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise PackageRefused(f"{into} is there already: name a folder that is not (--into)")
    with TemporaryDirectory(dir=into.absolute().parent, prefix=f".{into.name}.") as scratch:
        folder = Path(scratch) / "version"
        folder.mkdir()
        try:
            with gzip.open(file, "rb") as packed:
                manifest = _unpack(packed, folder)
        except _UNREADABLE as error:
            raise PackageRefused(f"{file} is not a whole .tar.gz ({error}): get it again") from error
        folder.rename(into)
    return manifest


def _unpack(packed: gzip.GzipFile, folder: Path) -> Manifest:
    first = _header(packed)
    if first is None or first.name != MANIFEST or first.size > limits.MANIFEST_MAX_BYTES:
        raise PackageRefused(f"a package begins with {MANIFEST}, which has at most 1 MB; this one does not")
    data = b"".join(_content(packed, first))
    manifest = Manifest.parse(data)
    (folder / MANIFEST).write_bytes(data)
    missing = dict(paths(manifest))
    if taken := missing.keys() & {path.partition("/")[0] for path in missing if "/" in path}:
        raise PackageRefused(f"{', '.join(taken)} is a file and a folder in {MANIFEST}")
    while (info := _header(packed)) is not None:
        if info.name == SIGNATURE and not (folder / SIGNATURE).exists():
            _signature(packed, info, folder)
        elif info.name in missing:
            _file(packed, info, missing.pop(info.name), folder)
        else:
            raise PackageRefused(f"{info.name!r} is there twice, or not a file that {MANIFEST} lists")
    if missing:
        raise PackageRefused(f"{', '.join(missing)} of {MANIFEST} is not in the package")
    _check_end(packed)
    return manifest


def _header(packed: gzip.GzipFile) -> tarfile.TarInfo | None:
    """Return the next entry, which is a plain file; None at the end."""
    block = _exactly(packed, tarfile.BLOCKSIZE)
    if not any(block):
        return None
    try:
        info = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.HeaderError, ValueError) as error:
        raise PackageRefused(f"an entry's header cannot be read: {error}") from error
    if info.type != tarfile.REGTYPE or info.size < 0:
        raise PackageRefused(
            f"{info.name!r} is a link, a folder or a device: a package has plain files alone"
        )
    return info


def _file(packed: gzip.GzipFile, info: tarfile.TarInfo, entry: FileEntry, folder: Path) -> None:
    if info.size != entry.size:
        raise PackageRefused(f"{info.name} has {info.size:,} bytes; {MANIFEST} lists {entry.size:,}")
    path = folder / info.name
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("xb") as file:
        for part in _content(packed, info):
            digest.update(part)
            file.write(part)
    if digest.hexdigest() != entry.sha256:
        raise PackageRefused(f"{info.name} does not have the SHA-256 that {MANIFEST} lists")


def _signature(packed: gzip.GzipFile, info: tarfile.TarInfo, folder: Path) -> None:
    if info.size > limits.MODEL_SIGNATURE_MAX_BYTES:
        raise PackageRefused(f"{SIGNATURE} has {info.size:,} bytes, more than a signature has")
    (folder / SIGNATURE).write_bytes(b"".join(_content(packed, info)))


def _content(packed: gzip.GzipFile, info: tarfile.TarInfo) -> Iterator[bytes]:
    """Yield an entry's bytes in parts, and read what fills its last block."""
    for start in range(0, info.size, _READ_BYTES):
        yield _exactly(packed, min(_READ_BYTES, info.size - start))
    _exactly(packed, -info.size % tarfile.BLOCKSIZE)


def _exactly(packed: gzip.GzipFile, size: int) -> bytes:
    data = packed.read(size)
    if len(data) < size:
        raise EOFError("it ends too early")
    return data


def _check_end(packed: gzip.GzipFile) -> None:
    rest = packed.read(_END_MAX_BYTES)
    if len(rest) < tarfile.BLOCKSIZE or any(rest) or packed.read(1):
        raise PackageRefused("something follows the last file, or the end is missing")
