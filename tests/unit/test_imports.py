"""Imports run one way: functions → coldframe, models → coldframe, infra → models and coldframe."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"coldframe", "models", "infra", "tests", "benchmarks"}
ALLOWED = {
    "layers/runtime/coldframe": {"coldframe"},
    "functions": {"coldframe"},
    "models": {"coldframe", "models"},
    "infra": {"coldframe", "models", "infra"},
}


@pytest.mark.parametrize("folder", ALLOWED)
def test_a_folder_imports_only_what_it_may(folder: str) -> None:
    files = list((ROOT / folder).rglob("*.py"))
    assert files
    wrong = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in files
        for module in _imported(path)
        if module in OURS - ALLOWED[folder]
    }
    assert wrong == set()


def test_the_layer_imports_only_what_it_has() -> None:
    # What those bring: Starlette with FastAPI, two with Pydantic; and what the Lambda runtime has.
    has = {"boto3", "botocore", "snapshot_restore_py"}
    brought = {"coldframe", "starlette", "annotated_types", "pydantic_core", *has}
    folder = ROOT / "layers/runtime/coldframe"
    signing = {folder / "signing.py"}  # imported with a layer of its own
    assert _from_elsewhere({*folder.rglob("*.py")} - signing) <= _listed("runtime") | brought
    assert _from_elsewhere(signing) <= _listed("signing") | brought


def _listed(layer: str) -> set[str]:
    listed = (ROOT / "layers" / layer / "requirements.in").read_text("utf-8")
    return {name.replace("-", "_") for name in re.findall(r"^[a-z-]+", listed, re.MULTILINE)}


def _from_elsewhere(paths: set[Path]) -> set[str]:
    return {
        module
        for path in paths
        for module in _imported(path)
        if module not in sys.stdlib_module_names and not module.startswith(("mypy_boto3_", "_typeshed"))
    }


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]
