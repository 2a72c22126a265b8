"""The endpoints that answer with a model, by what they answer at: other kinds of models, other routes."""

import ast

from tests.handlers import ROOT

_CLASSIFY = "coldframe.triage.endpoint"


def borrows(name: str) -> bool:
    """Say whether an endpoint's model borrows an encoder's files: one of a knowledge base does."""
    return _CLASSIFY in _imported(name)


def _imported(name: str) -> set[str | None]:
    tree = ast.parse((ROOT / "functions" / name / "app.py").read_text("utf-8"))
    return {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def _has_model(name: str) -> bool:
    return "cold_start.begin(" in (ROOT / "functions" / name / "app.py").read_text("utf-8")


NAMES = [
    name
    for name in sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
    if _has_model(name)
]
ANSWERED_AT = {name: "classify" if borrows(name) else "predict" for name in NAMES}
