import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldframe.errors import IntegrityError, ManifestError
from coldframe.manifest import FileEntry, Manifest
from tests import made

GOOD = made.manifest("v1.2.3", b"12345")


def document(**changes: Any) -> bytes:
    return json.dumps(json.loads(GOOD.to_bytes()) | changes).encode()


def test_a_manifest_reads_back_as_it_was_written() -> None:
    assert Manifest.parse(GOOD.to_bytes()) == GOOD
    assert Manifest.parse(GOOD.to_bytes()).to_bytes() == GOOD.to_bytes()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"manifest_version": 2}, "deploy a newer runtime"),
        ({"kind": "pickle"}, "serves linear-text"),
        ({"name": "../other"}, "name"),
        ({"version": "1.0"}, "version"),
        ({"labels": ["one"]}, "labels"),
        ({"labels": ["one", "one"]}, "labels"),
        ({"labels": [1, 2]}, "string"),
        ({"labels": 3}, "expected fields"),
        ({"verdict": {"positive": "a", "unheard": "b"}}, "verdict"),
        ({"verdict": {"positive": 1, "negative": 2}}, "string"),
        ({"files": [{"name": "weights.npz", "size": 5}]}, "sha256"),
        ({"files": [{"name": "../weights.npz", "size": 5, "sha256": "0" * 64}]}, "file name"),
        ({"files": [{"name": "weights.npz", "size": -1, "sha256": "0" * 64}]}, "size"),
        ({"files": [{"name": "weights.npz", "size": 10**12, "sha256": "0" * 64}]}, "size"),
        ({"files": [{"name": "weights.npz", "size": 5, "sha256": "0"}]}, "SHA-256"),
        ({"files": [{"name": "a", "size": 5, "sha256": "0" * 64}] * 2}, "two files have one name: a, a"),
        ({"files": [{"name": "a", "size": 5, "sha256": "0" * 64, "owner": []}]}, "owner of a"),
        ({"files": [{"name": "a", "size": 5, "sha256": "0" * 64, "owner": 0}]}, "owner of a"),
        ({"unheard_of": 1}, "unheard_of"),
    ],
)
def test_a_wrong_field_is_refused_by_name(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ManifestError, match=words):
        Manifest.parse(document(**changes))


@given(
    st.binary()
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_whatever_is_not_a_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(ManifestError):
        Manifest.parse(data)


def test_a_manifest_from_before_there_were_thresholds_is_read() -> None:
    assert Manifest.parse(document(threshold=None)) == GOOD


def test_deep_json_is_refused() -> None:
    with pytest.raises(ManifestError):
        Manifest.parse(b"[" * 100_000)


def test_bytes_are_checked_by_size_and_then_by_digest() -> None:
    entry = FileEntry.of("weights.npz", b"12345")
    entry.check(b"12345")
    with pytest.raises(IntegrityError, match="bytes"):
        entry.check(b"123456")
    with pytest.raises(IntegrityError, match="SHA-256"):
        replace(entry).check(b"12346")
