"""What is published of the encoder: INT8 where the gate calls these bytes SAFE, else float, else nothing."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from coldframe.encoder import GRAPH
from coldframe.encoder import TOKENIZER as STORED_TOKENIZER
from coldframe.errors import ArtifactError, ColdframeError, MalformedArtifact, ManifestError, ObjectNotFound
from coldframe.loading import Stopwatch, load
from coldframe.manifest import FileEntry
from coldframe.store import Store
from coldframe.triage.heads import HEADS
from coldframe.triage.vectors import EMBEDDINGS
from models.encoder.recipe import FLOAT, FOLDER, INT8, TOKENIZER
from models.forge.gate.report import GATE, read_gate, write_gate
from models.forge.publish import publish
from models.forge.version import MODELS, Version, read_version
from tests import made, made_knowledge

HOME = MODELS / "encoder"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The built artifacts, of which a test may change what it likes."""
    for name in (FLOAT, INT8, TOKENIZER):
        (tmp_path / name).symlink_to(FOLDER / name)
    return tmp_path


def unsafe(folder: Path) -> None:
    gate = read_gate(HOME)
    assert gate is not None
    figures = replace(gate.figures, cosine_mean=0.5)
    reason = "cosine, mean: 0.5, at least 0.985 is needed"
    write_gate(folder, replace(gate, verdict="UNSAFE", reasons=(reason,), ships=FLOAT, figures=figures))


def test_int8_ships_where_the_gate_calls_its_bytes_safe() -> None:
    version = read_version("encoder")
    assert version.files[GRAPH] == (FOLDER / INT8).read_bytes()
    assert version.manifest.parity["verdict"] == "SAFE"
    assert version.manifest.parity["ships"] == INT8


def test_float_ships_where_it_does_not(folder: Path) -> None:
    unsafe(folder)
    version = read_version("encoder", folder)
    assert version.files[GRAPH] == (FOLDER / FLOAT).read_bytes()
    assert version.manifest.parity["ships"] == FLOAT
    assert "cosine, mean: 0.5" in version.manifest.parity["reasons"][0]


def test_float_ships_where_the_gate_speaks_of_other_bytes(folder: Path) -> None:
    (folder / INT8).unlink()
    (folder / INT8).write_bytes(b"other")
    version = read_version("encoder", folder)
    assert version.files[GRAPH] == (FOLDER / FLOAT).read_bytes()
    assert "no gate.json speaks of these bytes" in version.manifest.parity["reasons"][0]


def test_an_unsafe_graph_without_its_parent_is_not_published(folder: Path) -> None:
    unsafe(folder)
    (folder / FLOAT).unlink()
    version = read_version("encoder", folder)
    store = made.memory_store()
    with pytest.raises(ManifestError, match=r"encoder v1\.0\.0 is UNSAFE: cosine, mean"):
        publish(store, version.manifest, version.files, made.NOTE)
    with pytest.raises(ObjectNotFound):
        store.get("models/encoder/v1.0.0/encoder.onnx", 10**8)


def test_tickets_bring_the_encoder_that_they_borrow_and_open_from_the_store() -> None:
    version, store = read_version("tickets"), made.memory_store()
    target = publish(store, version.manifest, version.files, made.NOTE)
    assert store.get("models/encoder/v1.0.0/encoder.onnx", 10**8).data == version.files[GRAPH]
    loaded = load(store, "tickets", target, Stopwatch())
    answer = loaded.predictor.predict(["I forgot my password"])[0]
    assert answer["business_category"] == "User Account Management"
    assert answer["model_version"] == version.manifest.version


def refused(store: Store, broken: Version, why: str) -> None:
    """See it refused, and nothing of it in the store."""
    with pytest.raises(ColdframeError, match=why):
        publish(store, broken.manifest, broken.files, made.NOTE)
    assert store.folders("models/tickets/") == []


def changed(name: str, data: bytes) -> Version:
    """The tickets' version with another file of this name, listed as it is."""
    version = read_version("tickets")
    entries = [
        replace(FileEntry.of(name, data), owner=entry.owner) if entry.name == name else entry
        for entry in version.manifest.files
    ]
    return Version(replace(version.manifest, files=tuple(entries)), {**version.files, name: data})


def test_a_borrowed_file_that_differs_in_the_store_is_told_before_anything_is_written() -> None:
    store = made.memory_store()
    store.create("models/encoder/v1.0.0/encoder.onnx", b"other")
    why = (
        r"models/encoder/v1\.0\.0/encoder\.onnx is published already with other bytes: "
        r"raise the version in models/encoder/model\.toml"
    )
    refused(store, read_version("tickets"), why)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("knowledge.json", b"[]", "the knowledge base has not the expected form"),
        (HEADS, made_knowledge.heads(), "rows"),
        (EMBEDDINGS, made_knowledge.embeddings(), "whole"),
        (GRAPH, b"other", "made by another encoder"),
    ],
)
def test_what_no_function_would_open_is_not_published(name: str, data: bytes, why: str) -> None:
    store = made.memory_store()
    refused(store, changed(name, data), why)
    assert store.folders("models/") == []


def test_heads_of_another_encoder_are_not_published() -> None:
    tokenizer = read_version("tickets").files[STORED_TOKENIZER]
    refused(made.memory_store(), changed(STORED_TOKENIZER, tokenizer + b"\n"), "made by another encoder")


def test_an_encoder_that_does_not_open_is_not_published() -> None:
    encoder, store = read_version("encoder"), made.memory_store()
    for name in encoder.files:
        files = {**encoder.files, name: b"{}"}
        entries = tuple(FileEntry.of(one, data) for one, data in files.items())
        with pytest.raises(MalformedArtifact, match="the encoder cannot be opened"):
            publish(store, replace(encoder.manifest, files=entries), files, made.NOTE)
    assert store.folders("models/") == []


def test_linear_weights_that_do_not_open_are_not_published() -> None:
    data, store = made.weights(columns=5), made.memory_store()
    with pytest.raises(ArtifactError, match="weights"):
        publish(store, made.manifest("v1.0.0", data), {"weights.npz": data}, made.NOTE)
    assert store.folders("models/") == []


def test_a_gate_that_was_edited_is_refused(folder: Path) -> None:
    shutil.copy(HOME / GATE, folder / GATE)
    text = (folder / GATE).read_text("utf-8")
    (folder / GATE).write_text(text.replace('"verdict": "SAFE"', '"verdict": "UNSAFE"'), "utf-8")
    with pytest.raises(Exception, match="by the rule its figures are SAFE"):
        read_version("encoder", folder)
