"""`coldframe gate` on the real graphs and fewer texts: what it says, writes and ends with.

How fast a graph is, is given here: a busy machine must not decide a test.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner, Result

from infra.cli.main import app, main
from models.encoder import gated
from models.encoder.graph import Arithmetic, Float, Graph, write
from models.encoder.int8 import Int8
from models.encoder.recipe import FLOAT, FOLDER, INT8, TOKENIZER
from models.encoder.tensors import read_tensors
from models.forge.gate import timing
from models.forge.gate.artifact import Artifact, Input
from models.forge.gate.report import Gate, read_gate

COSINES = ("cosine, mean", "cosine, 1st percentile", "cosine, minimum")


class TableInInt8(Float):
    """Only the table of words in INT8, each word with its scale: smaller, and hardly another model."""

    def words(self, graph: Graph, table: NDArray[np.float32]) -> str:
        return Int8().words(graph, table)


def given_latency(ratio: float) -> object:
    def latencies(
        parent: Artifact, quantized: Artifact, sized: Mapping[str, Input], progress: object
    ) -> object:
        return {size: (ratio * one.shape[1], 1.0 * one.shape[1]) for size, one in sized.items()}

    return latencies


@pytest.fixture(autouse=True)
def few_texts_and_given_latency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gated, "EVERY", 12)
    monkeypatch.setattr(timing, "latencies", given_latency(2.0))


def run(folder: Path, into: Path) -> Result:
    words = ["gate", str(folder), "--into", str(into)]
    return CliRunner().invoke(app, words, env={"COLUMNS": "200"}, catch_exceptions=False)


def found(into: Path) -> Gate:
    gate = read_gate(into)
    assert gate is not None
    return gate


def folder_with(folder: Path, arithmetic: Arithmetic) -> Path:
    """A folder with another graph in the place of the INT8 one."""
    folder.mkdir()
    for name in (FLOAT, TOKENIZER):
        shutil.copy(FOLDER / name, folder / name)
    (folder / INT8).write_bytes(write(read_tensors(), arithmetic))
    return folder


def test_a_table_in_int8_is_safe_and_ships(tmp_path: Path) -> None:
    folder, into = folder_with(tmp_path / "made", TableInInt8()), tmp_path / "new" / "gate"
    result = run(folder, into)
    gate = found(into)
    assert (result.exit_code, gate.verdict, gate.reasons, gate.ships) == (0, "SAFE", (), INT8)
    assert "BROKEN" not in result.output
    lines = result.output.splitlines()
    assert lines[lines.index("SAFE") + 1] == f"What ships: {INT8}"
    assert "SAFE" in (into / "gate.svg").read_text("utf-8")


def test_a_slow_one_is_unsafe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "latencies", given_latency(1.05))
    result = run(folder_with(tmp_path / "made", TableInInt8()), tmp_path)
    gate = found(tmp_path)
    assert (result.exit_code, gate.verdict, gate.ships) == (1, "UNSAFE", FLOAT)
    assert [reason.partition(":")[0] for reason in gate.reasons] == [
        f"latency at {size} tokens" for size in gated.SIZES_TOKENS
    ]


def test_int8_by_channel_is_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "latencies", given_latency(2.0))
    result = run(FOLDER, tmp_path)
    gate = found(tmp_path)
    assert (result.exit_code, gate.verdict, gate.reasons, gate.ships) == (0, "SAFE", (), INT8)
    assert gate.figures.differences == ()
    assert gate.figures.open_ms.quantized < gate.figures.open_ms.parent
    assert gate.figures.peak_memory_mb.quantized < gate.figures.peak_memory_mb.parent


def test_int8_by_matrix_is_unsafe_for_its_agreement(tmp_path: Path) -> None:
    result = run(folder_with(tmp_path / "made", Int8(per_tensor=True)), tmp_path)
    gate = found(tmp_path)
    assert (result.exit_code, gate.verdict, gate.ships) == (1, "UNSAFE", FLOAT)
    assert {*COSINES, "top-1 agreement"} <= {reason.partition(":")[0] for reason in gate.reasons}
    for reason in gate.reasons:
        assert f"  {reason}" in result.output.splitlines()
    assert f"What ships: {FLOAT}" in result.output


def test_a_graph_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["coldframe", "gate", str(tmp_path)])
    with pytest.raises(SystemExit, match="1"):
        main()
    assert "is missing: build the encoder" in " ".join(capsys.readouterr().err.split())
