"""Which of the two graphs a version holds: INT8 where the gate calls it SAFE, else the float parent."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from coldframe.encoder import GRAPH
from coldframe.encoder import TOKENIZER as STORED_TOKENIZER
from coldframe.manifest import sha256
from models.encoder.recipe import FLOAT, INT8, TOKENIZER
from models.encoder.tensors import PACKAGE
from models.forge.gate.report import Gate, read_gate
from models.forge.gate.rule import SAFE, UNSAFE

_FIGURES = ("cosine_mean", "cosine_p1", "cosine_min", "top1")
_MADE_WITH = ("onnx", "numpy", PACKAGE)


@dataclass(frozen=True)
class Shipped:
    """The files of a version, what made them, and what the gate says of them."""

    files: Mapping[str, bytes]
    made_with: Mapping[str, str]
    parity: Mapping[str, Any]


def read_shipped(home: Path, folder: Path) -> Shipped:
    """Read the graphs in `folder`, and the gate's verdict there, or beside the recipe.

    Without the float graph there is nothing to fall back on: an INT8 graph that is not known to be SAFE is
    then UNSAFE, which `publish` refuses. Raises `FileNotFoundError` where there is no INT8 graph.
    """
    int8 = (folder / INT8).read_bytes()
    gate = read_gate(folder) or read_gate(home)
    known = gate if gate is not None and gate.speaks_of(sha256(int8)) else None
    parity = {**_said(known), "ships": INT8}
    graph = int8
    if parity["verdict"] == UNSAFE and (folder / FLOAT).exists():
        graph = (folder / FLOAT).read_bytes()
        why = "; ".join(parity["reasons"])
        parity = {"verdict": SAFE, "reasons": [f"the float parent, as INT8 is not: {why}"], "ships": FLOAT}
    files = {GRAPH: graph, STORED_TOKENIZER: (folder / TOKENIZER).read_bytes()}
    return Shipped(files, {name: version(name) for name in _MADE_WITH}, parity)


def _said(gate: Gate | None) -> dict[str, Any]:
    if gate is None:
        return {"verdict": UNSAFE, "reasons": ["no gate.json speaks of these bytes: run coldframe gate"]}
    figures = {name: round(getattr(gate.figures, name), 4) for name in _FIGURES}
    return {"verdict": gate.verdict, "reasons": list(gate.reasons), **figures}
