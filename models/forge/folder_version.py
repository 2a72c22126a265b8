"""A version from a folder that has a manifest.json, as `coldframe unpack` and exports leave it."""

from pathlib import Path

from coldframe import limits
from coldframe.errors import IntegrityError, ManifestError
from coldframe.manifest import FileEntry, Manifest
from models.forge.version import Version

MANIFEST = "manifest.json"


def read_folder(folder: Path) -> Version:
    """Read the manifest and the files that it lists, each checked against it.

    A file of another version lies below that one's name, as in encoder/v1.0.0/encoder.onnx. Raises
    `ManifestError` when a file is a symbolic link or missing, or when the manifest is malformed,
    `IntegrityError` when a file is not what the manifest lists.
    """
    manifest = Manifest.parse(_read(folder, MANIFEST, limits.MANIFEST_MAX_BYTES))
    return Version(manifest, {entry.name: _file(folder, entry) for entry in manifest.files})


def _file(folder: Path, entry: FileEntry) -> bytes:
    data = _read(folder, f"{entry.owner}/{entry.name}".lstrip("/"), entry.size)
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
