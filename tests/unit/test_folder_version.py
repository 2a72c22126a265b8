"""A version in a folder: read whole, or refused with what is wrong."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from coldframe.errors import ArtifactError
from coldframe.manifest import FileEntry, Manifest
from models.forge.folder_version import read_folder
from tests import made

WEIGHTS, PART = made.weights(), b"borrowed"
BORROWED = "parts/v1.0.0"


def manifest() -> Manifest:
    borrowed = replace(FileEntry.of("part.bin", PART), owner=BORROWED)
    own = made.manifest("v1.0.0", WEIGHTS)
    return replace(own, files=(*own.files, borrowed))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "sentiment-v1.0.0"
    (found / BORROWED).mkdir(parents=True)
    (found / "manifest.json").write_bytes(manifest().to_bytes())
    (found / "weights.npz").write_bytes(WEIGHTS)
    (found / BORROWED / "part.bin").write_bytes(PART)
    return found


def test_it_is_read_with_what_it_borrows(folder: Path) -> None:
    version = read_folder(folder).version
    assert version.manifest == manifest()
    assert version.files == {"weights.npz": WEIGHTS, "part.bin": PART}


def test_the_folder_itself_may_be_reached_by_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert read_folder(tmp_path / "link").version.files["part.bin"] == PART


def missing(folder: Path) -> None:
    (folder / "weights.npz").unlink()


def without_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def flipped(folder: Path) -> None:
    (folder / "weights.npz").write_bytes(WEIGHTS[:-1] + bytes([WEIGHTS[-1] ^ 1]))


def longer(folder: Path) -> None:
    (folder / "weights.npz").write_bytes(WEIGHTS + b"x")


def file_is_a_link(folder: Path) -> None:
    (folder / "weights.npz").rename(folder.parent / "weights.npz")
    (folder / "weights.npz").symlink_to(folder.parent / "weights.npz")


def folder_is_a_link(folder: Path) -> None:
    (folder / "parts").rename(folder.parent / "parts")
    (folder / "parts").symlink_to(folder.parent / "parts")


def is_a_folder(folder: Path) -> None:
    missing(folder)
    (folder / "weights.npz").mkdir()


def reaches_out(folder: Path) -> None:
    (folder.parent / "secret").write_bytes(WEIGHTS)
    data = manifest().to_bytes().replace(b'"weights.npz"', b'"../secret"')
    (folder / "manifest.json").write_bytes(data)


def owner_reaches_out(folder: Path) -> None:
    data = manifest().to_bytes().replace(BORROWED.encode(), b"../../etc")
    (folder / "manifest.json").write_bytes(data)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (missing, "weights.npz is missing"),
        (without_manifest, r"manifest.json is missing"),
        (flipped, "SHA-256"),
        (longer, "more than the"),
        (file_is_a_link, "symbolic link"),
        (folder_is_a_link, "symbolic link"),
        (is_a_folder, "no file"),
        (reaches_out, "file name"),
        (owner_reaches_out, "owner of"),
    ],
)
def test_what_is_not_whole_or_reaches_out_is_refused(
    folder: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(folder)
    with pytest.raises(ArtifactError, match=said):
        read_folder(folder)
