"""What is no knowledge base is refused when it is opened, and never with another kind of error."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from coldframe.batch.models import Models
from coldframe.changes import Note, Target
from coldframe.errors import ArtifactError, MalformedArtifact, ModelUnavailable
from coldframe.manifest import FileEntry, Manifest, sha256
from coldframe.registry import file_key, make_champion, manifest_key
from coldframe.slot import ModelSlot
from coldframe.store import Store
from coldframe.triage.opening import KNOWLEDGE, open_triage
from tests import made, made_knowledge
from tests.made_knowledge import CONTENT, encoder_files, own_files

STRANGE = [MemoryError("no room"), IndexError("place"), UnicodeEncodeError("utf-8", "\ud800", 0, 1, "why")]


def listed(files: Mapping[str, bytes], version: str = "v1.0.0") -> Manifest:
    """A manifest of these files as they are, with nothing borrowed."""
    entries = tuple(FileEntry.of(name, data) for name, data in files.items())
    return replace(made_knowledge.manifest(own_files(), version), files=entries)


def put(store: Store, manifest: Manifest, files: Mapping[str, bytes]) -> None:
    """Make a version live as `publish` would, if it let it."""
    for entry in manifest.files:
        store.create(file_key(manifest.name, manifest.version, entry), files[entry.name])
    data = manifest.to_bytes()
    store.create(manifest_key(manifest.name, manifest.version), data)
    target = Target(manifest.version, sha256(data))
    make_champion(store, manifest.name, target, Note("2026-01-01", "a test", "a test"))


@pytest.mark.parametrize("error", STRANGE, ids=repr)
def test_whatever_a_library_raises_is_a_refusal(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("coldframe.triage.heads.Learned.open", fail)
    files = own_files() | encoder_files()
    with pytest.raises(MalformedArtifact, match=r"tickets v1\.0\.0 cannot be opened: "):
        open_triage(listed(files), files)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"value": "0.5"}, {"value": [0.5]}, {"value": True}, {"value": float("nan")}, {"value": 2}, []],
)
def test_a_threshold_is_a_number_from_0_to_1(wrong: Any) -> None:
    manifest = made_knowledge.manifest(own_files())
    edited = replace(manifest, thresholds={"in_scope": {"value": 0.5}, "certain": wrong})
    with pytest.raises(ArtifactError):
        Manifest.parse(edited.to_bytes())


def test_a_malformed_version_leaves_the_one_before_it_live() -> None:
    store, files = made.memory_store(), own_files() | encoder_files()
    put(store, listed(files), files)
    broken = json.dumps(CONTENT | {"fallback": "Nowhere"}).encode()
    put(store, listed({**files, KNOWLEDGE: broken}, "v1.0.1"), {**files, KNOWLEDGE: broken})
    slot = ModelSlot(lambda: store, "tickets")
    assert slot.current().manifest.version == "v1.0.0"
    assert "v1.0.1 is refused" in slot.health().message
    assert Models(store).live("tickets").version == "v1.0.0"


def test_alone_it_is_unavailable_with_the_reason() -> None:
    store = made.memory_store()
    files = own_files() | encoder_files() | {KNOWLEDGE: b"[]"}
    put(store, listed(files), files)
    with pytest.raises(ModelUnavailable, match="the knowledge base has not the expected form"):
        ModelSlot(lambda: store, "tickets").current()
