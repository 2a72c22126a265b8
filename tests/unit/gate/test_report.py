"""gate.json: as it was written, of these bytes alone, and only as the rule has it; and its picture."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from coldframe.errors import ArtifactError
from coldframe.manifest import sha256
from models.encoder.recipe import FLOAT, FOLDER, INT8
from models.forge.gate.artifact import Artifact
from models.forge.gate.figures import Figures
from models.forge.gate.picture import draw
from models.forge.gate.report import GATE, Gate, gate, read_gate, write_gate
from models.forge.version import MODELS
from tests.unit.gate.figures_made import GOOD, with_

BAD = with_(cosine_min=0.5)


def artifact(name: str) -> Artifact:
    return Artifact(f"{name}.onnx", name.encode(), lambda threads: lambda one: one, ())


def made(figures: Figures = GOOD) -> Gate:
    return gate(artifact("float"), artifact("int8"), figures)


@pytest.mark.parametrize(
    ("figures", "safe", "ships"), [(GOOD, True, "int8.onnx"), (BAD, False, "float.onnx")]
)
def test_what_ships_follows_from_the_figures(figures: Figures, safe: bool, ships: str) -> None:
    found = made(figures)
    assert (found.safe, found.ships, bool(found.reasons)) == (safe, ships, not safe)


def test_it_speaks_of_the_quantized_bytes_alone() -> None:
    found = made()
    assert found.speaks_of(sha256(b"int8"))
    assert not found.speaks_of(sha256(b"float"))
    assert not found.speaks_of(sha256(b"int8 "))


@pytest.mark.parametrize("figures", [GOOD, BAD])
def test_it_is_read_as_it_was_written(figures: Figures, tmp_path: Path) -> None:
    found = made(figures)
    data = write_gate(tmp_path, found).read_bytes()
    assert read_gate(tmp_path) == found
    assert write_gate(tmp_path, made(figures)).read_bytes() == data
    document = json.loads(data)
    assert document["quantized"] == {"file": "int8.onnx", "sha256": sha256(b"int8")}
    assert document["figures"]["latency_ms"]["16 tokens"] == {"parent": 4.0, "quantized": 2.0}
    assert {"python", "onnxruntime", "scikit-learn"} <= document["made_with"].keys()
    assert document["cpu"]


def test_a_folder_without_one(tmp_path: Path) -> None:
    assert read_gate(tmp_path) is None


@pytest.mark.parametrize("changes", [{"verdict": "SAFE"}, {"reasons": []}, {"ships": "int8.onnx"}])
def test_a_verdict_that_the_figures_do_not_have_is_refused(
    changes: dict[str, object], tmp_path: Path
) -> None:
    path = write_gate(tmp_path, made(BAD))
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")
    with pytest.raises(ArtifactError, match="run coldframe gate again"):
        read_gate(tmp_path)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"verdict": "SAFE"}', b"\xff"])
def test_a_file_that_is_something_else_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / GATE).write_bytes(data)
    with pytest.raises(ArtifactError, match="not what coldframe gate writes"):
        read_gate(tmp_path)


def test_a_figure_that_is_missing_or_a_word_is_refused(tmp_path: Path) -> None:
    document = json.loads(write_gate(tmp_path, made()).read_text("utf-8"))
    for wrong in (document["figures"] | {"top1": "0.99"}, {**document["figures"], "top1": None}):
        (tmp_path / GATE).write_text(json.dumps(document | {"figures": wrong}), "utf-8")
        with pytest.raises(ArtifactError, match="top1"):
            read_gate(tmp_path)


def test_the_committed_gate_is_of_the_encoder_that_is_built() -> None:
    found = read_gate(MODELS / "encoder")
    assert found is not None
    assert found.speaks_of(sha256((FOLDER / INT8).read_bytes()))
    assert found.parent.sha256 == sha256((FOLDER / FLOAT).read_bytes())


@pytest.mark.parametrize("figures", [GOOD, BAD])
def test_the_picture_says_the_verdict_and_is_always_the_same(figures: Figures) -> None:
    found, cosines = made(figures), np.linspace(figures.cosine_min, 1, figures.inputs_count)
    drawn = draw(found, cosines)
    assert drawn == draw(found, cosines)
    assert len(drawn) < 100_000
    words = " ".join(ElementTree.fromstring(drawn).itertext())
    assert f"int8.onnx against float.onnx: {found.verdict}" in words
    assert f"minimum {figures.cosine_min:.3f}, limit 0.93" in words
    assert "128 tokens" in words
