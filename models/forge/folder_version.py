"""A version from a folder that has a manifest.json, as `coldframe unpack` and exports leave it."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from coldframe import limits
from coldframe.errors import IntegrityError, ManifestError
from coldframe.manifest import MANIFEST, SIGNATURE, FileEntry, Manifest
from models.forge.version import Version


class Folder(NamedTuple):
    """A version, and the bytes of its signature's document where it has one."""

    version: Version
    signature: bytes | None


def read_folder(folder: Path) -> Folder:
    """Read the manifest and the files that it lists, each checked against it.

    Raises `ManifestError` when a file is a symbolic link or missing, when the manifest is malformed, and for
    a signed version of a release that writes manifests differently: its signature would no longer fit.
    `IntegrityError` when a file is not what the manifest lists.
    """
    data = _read(folder, MANIFEST, limits.MANIFEST_MAX_BYTES)
    manifest = Manifest.parse(data)
    files = {entry.name: _file(folder, path, entry) for path, entry in paths(manifest).items()}
    signed = (folder / SIGNATURE).exists()
    if signed and manifest.to_bytes() != data:
        raise ManifestError(
            f"{folder / MANIFEST} is not written as this release writes it, so its signature would not fit: "
            f"publish it with the release that made it, or delete {SIGNATURE} and sign it anew"
        )
    signature = _read(folder, SIGNATURE, limits.MODEL_SIGNATURE_MAX_BYTES) if signed else None
    return Folder(Version(manifest, files), signature)


def paths(manifest: Manifest) -> Mapping[str, FileEntry]:
    """Return the files by their path in a folder: those of another version below that one's name."""
    return {f"{entry.owner}/{entry.name}".lstrip("/"): entry for entry in manifest.files}


def _file(folder: Path, path: str, entry: FileEntry) -> bytes:
    data = _read(folder, path, entry.size)
    entry.check(data)
    return data


def _read(folder: Path, path: str, max_bytes: int) -> bytes:
    """Read a file below the folder, through no link: a manifest from elsewhere must not reach other files."""
    found = folder / path
    if found.resolve() != folder.resolve() / path:
        raise ManifestError(f"{found} is or lies below a symbolic link: put the file itself there")
    if not found.is_file():
        raise ManifestError(f"{found} is missing, or no file: {folder} is not a whole version")
    with found.open("rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise IntegrityError(f"{found} has more than the {max_bytes:,} bytes allowed for it")
    return data
