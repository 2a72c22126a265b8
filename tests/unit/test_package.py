"""A version as one file: the same bytes everywhere, and nothing out of it but what its manifest lists."""

import gzip
import hashlib
import io
import json
import random
import tarfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from coldframe import limits
from coldframe.errors import ArtifactError, IntegrityError, ManifestError, ObjectNotFound
from coldframe.manifest import FileEntry, Manifest
from coldframe.registry import file_key, manifest_key, signature_key
from coldframe.store import Store
from models.forge.folder_version import paths, read_folder
from models.forge.package import package
from models.forge.publish import publish
from models.forge.unpack import PackageRefused, unpack
from tests import made
from tests.keys import new_key

FLIPS = 500
BORROWED = b"an encoder" * 1_000
# Of the package of `stored`: the same on Python 3.11 to 3.13, and on any machine.
PACKAGE_SHA256 = "a5e3276f2923c9bc69e8d2a1dd4f6f56d33f2c3c69640cd2d05024e37411edf5"
# A manifest as bytes, which no release writes differently.
FACTS = {
    "manifest_version": 1,
    "name": "sentiment",
    "version": "v1.0.0",
    "kind": "linear-text",
    "labels": ["a", "b"],
}


def stored(borrows: bool = True) -> Store:
    """A store with a version of bytes that do not change, one file of which is another version's."""
    store, own = made.memory_store(), bytes(range(256)) * 300
    files = {"weights.npz": own, **({"encoder.onnx": BORROWED} if borrows else {})}
    owners = {"encoder.onnx": "encoder/v2.0.0"}
    entries = [replace(FileEntry.of(name, data), owner=owners.get(name, "")) for name, data in files.items()]
    for entry in entries:
        store.create(file_key("sentiment", "v1.0.0", entry), files[entry.name])
    store.create(
        manifest_key("sentiment", "v1.0.0"),
        json.dumps(FACTS | {"files": list(map(asdict, entries))}).encode(),
    )
    return store


def packaged(folder: Path, store: Store | None = None) -> Path:
    file = folder / "package.tar.gz"
    package(store or stored(), "sentiment", "v1.0.0", file)
    return file


def test_a_package_unpacks_to_what_was_published(tmp_path: Path) -> None:
    key, store, weights = new_key(), made.memory_store(), made.weights()
    manifest = made.manifest("v1.0.0", weights)
    publish(store, manifest, {"weights.npz": weights}, made.NOTE, signer=key)
    assert unpack(packaged(tmp_path, store), tmp_path / "out") == manifest
    version, signature = read_folder(tmp_path / "out")
    assert (version.manifest, version.files) == (manifest, {"weights.npz": weights})
    assert signature == store.get(signature_key("sentiment", "v1.0.0"), 1_000).data
    again = made.memory_store()
    publish(again, version.manifest, version.files, made.NOTE)
    assert again.get(manifest_key("sentiment", "v1.0.0"), 10**6).data == manifest.to_bytes()


def test_borrowed_files_keep_their_owner(tmp_path: Path) -> None:
    unpack(packaged(tmp_path), tmp_path / "out")
    assert (tmp_path / "out/encoder/v2.0.0/encoder.onnx").read_bytes() == BORROWED
    version, signature = read_folder(tmp_path / "out")
    assert version.files["encoder.onnx"] == BORROWED
    assert signature is None


def test_the_same_version_gives_the_same_bytes_everywhere(tmp_path: Path) -> None:
    assert hashlib.sha256(packaged(tmp_path).read_bytes()).hexdigest() == PACKAGE_SHA256


def test_others_can_read_it_and_it_tells_nothing_of_who_made_it(tmp_path: Path) -> None:
    file = packaged(tmp_path)
    with tarfile.open(file, "r:gz") as tar:
        members = tar.getmembers()
        assert [one.name for one in members] == [
            "manifest.json",
            "encoder/v2.0.0/encoder.onnx",
            "weights.npz",
        ]
    for one in members:
        assert (one.mtime, one.uid, one.gid, one.uname, one.gname, one.mode) == (0, 0, 0, "", "", 0o644)


def test_a_package_replaces_an_older_one_only_when_it_is_whole(tmp_path: Path) -> None:
    store = stored()
    file = packaged(tmp_path, store)
    before = file.read_bytes()
    key = file_key("sentiment", "v1.0.0", FileEntry("weights.npz", 0, ""))
    store.replace(key, b"other bytes", store.get(key, 10**6).etag)
    with pytest.raises(IntegrityError):
        packaged(tmp_path, store)
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (before, [file])


def test_what_is_not_published_is_not_packaged(tmp_path: Path) -> None:
    with pytest.raises(ObjectNotFound):
        packaged(tmp_path, made.memory_store())
    assert list(tmp_path.iterdir()) == []


def test_a_name_too_long_for_a_package_is_refused(tmp_path: Path) -> None:
    store, name = made.memory_store(), "x" * 128
    manifest = replace(made.manifest("v1.0.0", b""), files=(FileEntry.of(name, b""),))
    store.create(manifest_key("sentiment", "v1.0.0"), manifest.to_bytes())
    store.create(file_key("sentiment", "v1.0.0", manifest.files[0]), b"")
    with pytest.raises(ArtifactError, match="shorter name"):
        packaged(tmp_path, store)
    assert list(tmp_path.iterdir()) == []


# ---- what is refused

OWN = bytes(range(256)) * 4
MANIFEST = made.manifest("v1.0.0", OWN)
Members = list[tuple[tarfile.TarInfo, bytes]]


def member(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> Members:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(data), kind, link
    return [(info, data)]


GOOD: Members = [*member("manifest.json", MANIFEST.to_bytes()), *member("weights.npz", OWN)]


def tarred(members: Members, form: int = tarfile.USTAR_FORMAT) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def refuse(tmp_path: Path, data: bytes, words: str) -> None:
    file = tmp_path / "given.tar.gz"
    file.write_bytes(data)
    with pytest.raises(ArtifactError, match=words):
        unpack(file, tmp_path / "out")
    assert list(tmp_path.iterdir()) == [file]


def test_what_any_tar_makes_of_the_same_files_is_taken(tmp_path: Path) -> None:
    (tmp_path / "given.tar.gz").write_bytes(gzip.compress(tarred(GOOD)))
    assert unpack(tmp_path / "given.tar.gz", tmp_path / "out") == MANIFEST


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([], "begins with manifest.json"),
        (GOOD[1:], "begins with manifest.json"),
        (GOOD[:1], "weights.npz of manifest.json is not in the package"),
        ([*GOOD, *member("/etc/passwd", b"x")], "'/etc/passwd' is there twice, or not a file"),
        ([*GOOD, *member("../weights.npz", b"x")], "'../weights.npz' is there twice, or not a file"),
        ([*GOOD, *member("a/../../b", b"x")], "is there twice, or not a file"),
        ([*GOOD, *member("./weights.npz", OWN)], "is there twice, or not a file"),
        ([*GOOD, *member("extra.py", b"x")], "'extra.py' is there twice, or not a file"),
        ([*GOOD, GOOD[1]], "'weights.npz' is there twice"),
        ([*GOOD, GOOD[0]], "'manifest.json' is there twice"),
        ([*GOOD, *member("manifest.sig", b"x") * 2], "'manifest.sig' is there twice"),
        ([*GOOD, *member("manifest.sig", b"x" * 5_000)], "more than a signature has"),
        ([GOOD[0], *member("weights.npz", b"", tarfile.SYMTYPE, "/etc/passwd")], "is a link"),
        ([GOOD[0], *member("weights.npz", b"", tarfile.LNKTYPE, "manifest.json")], "is a link"),
        ([GOOD[0], *member("weights.npz", b"", tarfile.CHRTYPE)], "a device"),
        ([GOOD[0], *member("weights.npz", b"", tarfile.FIFOTYPE)], "a device"),
        ([GOOD[0], *member("weights.npz", b"", tarfile.DIRTYPE)], "a folder"),
        ([GOOD[0], *member("weights.npz", b"", tarfile.GNUTYPE_SPARSE)], "a device"),
        ([GOOD[0], *member("weights.npz", OWN + b"x")], "has 1,025 bytes; manifest.json lists 1,024"),
        ([GOOD[0], *member("weights.npz", OWN[:-1])], "has 1,023 bytes"),
        ([GOOD[0], *member("weights.npz", OWN[::-1])], "does not have the SHA-256"),
        (member("manifest.json", b"{}"), "manifest version None"),
        (member("manifest.json", b" " * (limits.MANIFEST_MAX_BYTES + 1)), "at most 1 MB"),
    ],
)
def test_a_package_of_anything_else_is_refused_and_leaves_nothing(
    tmp_path: Path, members: Members, words: str
) -> None:
    refuse(tmp_path, gzip.compress(tarred(members)), words)


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_headers_that_say_more_than_a_name_are_refused(tmp_path: Path, form: int) -> None:
    long = member("x" * 300, b"x")
    refuse(tmp_path, gzip.compress(tarred([*GOOD, *long], form)), "is a link, a folder or a device")


WRONG: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "ends too early"),
    "no gzip": (lambda tar: tar, "not a whole"),
    "cut": (lambda tar: gzip.compress(tar)[:-20], "not a whole"),
    "cut in the tar": (lambda tar: gzip.compress(tar[:1_200]), "not a whole"),
    "no end": (lambda tar: gzip.compress(tar.rstrip(b"\0")), "not a whole|end is missing"),
    "another member": (lambda tar: gzip.compress(tar) + gzip.compress(b"x" * 99), "something follows"),
    "a bomb behind": (lambda tar: gzip.compress(tar + bytes(300_000_000), 1), "something follows"),
    "a wrong header": (lambda tar: gzip.compress(b"\xff" * len(tar)), "header cannot be read"),
    "a wrong checksum": (lambda tar: gzip.compress(b"X" + tar[1:]), "header cannot be read"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_tar_gz_is_refused(tmp_path: Path, wrong: str) -> None:
    change, words = WRONG[wrong]
    refuse(tmp_path, change(tarred(GOOD)), words)


def test_a_bomb_costs_no_more_memory_than_a_block(tmp_path: Path) -> None:
    import tracemalloc

    listed = FileEntry("weights.npz", limits.FILE_MAX_BYTES, "0" * 64)
    manifest = replace(MANIFEST, files=(listed,))
    bomb = member("weights.npz")
    bomb[0][0].size = listed.size
    header = tarred(member("manifest.json", manifest.to_bytes()))[: 512 * 4]
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as file:
        file.write(header[: 512 + -(-len(manifest.to_bytes()) // 512) * 512])
        file.write(bomb[0][0].tobuf(tarfile.USTAR_FORMAT))
        for _ in range(listed.size // 1_000_000):
            file.write(bytes(1_000_000))
    tracemalloc.start()
    refuse(tmp_path, packed.getvalue(), "SHA-256|not a whole")
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 10_000_000


def test_any_changed_byte_is_refused_or_changes_nothing(tmp_path: Path) -> None:
    """What a byte of padding or of gzip's header says may change; what is unpacked may not."""
    right = packaged(tmp_path, stored(borrows=False)).read_bytes()
    unpack(tmp_path / "package.tar.gz", tmp_path / "right")
    expected = read_folder(tmp_path / "right")
    chance = random.Random(6)
    refused = 0
    for number in range(FLIPS):
        data = bytearray(right)
        # Every second one where there is something else than the bytes of the file.
        place = chance.randrange(len(data) if number % 2 else 3_000)
        data[place] ^= chance.randrange(1, 256)
        (tmp_path / "given.tar.gz").write_bytes(data)
        into = tmp_path / f"out-{number}"
        try:
            unpack(tmp_path / "given.tar.gz", into)
        except ArtifactError:
            refused += 1
            assert not into.exists()
        else:
            assert read_folder(into) == expected
    assert refused > FLIPS * 0.9


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    file = packaged(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("mine")
    with pytest.raises(PackageRefused, match="is there already"):
        unpack(file, tmp_path / "out")
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["mine"]


def test_a_file_and_a_folder_of_one_name_are_refused(tmp_path: Path) -> None:
    one, other = FileEntry.of("encoder", b""), replace(FileEntry.of("x", b""), owner="encoder/v1.0.0")
    manifest = replace(MANIFEST, files=(one, other))
    members = [*member("manifest.json", manifest.to_bytes()), *member("encoder"), *member("encoder/v1.0.0/x")]
    assert set(paths(manifest)) == {"encoder", "encoder/v1.0.0/x"}
    refuse(tmp_path, gzip.compress(tarred(members)), "is a file and a folder")


# ---- reading a folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    unpack(packaged(tmp_path), tmp_path / "out")
    return tmp_path / "out"


@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 300 + b"x"])
def test_a_folder_with_other_bytes_is_refused(folder: Path, data: bytes) -> None:
    (folder / "weights.npz").write_bytes(data)
    with pytest.raises(IntegrityError):
        read_folder(folder)


def test_a_folder_without_a_file_is_refused(folder: Path) -> None:
    (folder / "weights.npz").unlink()
    with pytest.raises(ManifestError, match="is missing"):
        read_folder(folder)


def test_a_signature_that_could_not_fit_is_refused(folder: Path) -> None:
    written = (folder / "manifest.json").read_bytes() + b" "
    (folder / "manifest.json").write_bytes(written)
    assert read_folder(folder).version.manifest == Manifest.parse(written)
    (folder / "manifest.sig").write_bytes(b"any")
    with pytest.raises(ManifestError, match="its signature would not fit"):
        read_folder(folder)
