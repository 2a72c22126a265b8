"""The layer, built once per state of its sources, and a way to run code on it alone."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from bytecode import find_python

from infra.code_hash import code_hash

ROOT = Path(__file__).resolve().parents[2]
LAYER_PYTHON = "3.13"
BUILD_SECONDS_MAX = 600
RUN_SECONDS_MAX = 120

RunInLayer = Callable[..., subprocess.CompletedProcess[str]]


def build_layer(artifacts: Path) -> Path:
    """Build the layer for x86_64 the way SAM does, from a copy of its folder; returns the python folder."""
    scratch = artifacts.with_name(f"{artifacts.name} scratch")
    shutil.copytree(ROOT / "layers/runtime", scratch, dirs_exist_ok=True)
    target = {"ARTIFACTS_DIR": str(artifacts), "ARCH": "x86_64"}
    command = ["make", "build-RuntimeLayer"]
    built = subprocess.run(
        command, cwd=scratch, env=os.environ | target, capture_output=True, text=True, timeout=BUILD_SECONDS_MAX
    )
    shutil.rmtree(scratch)
    assert built.returncode == 0, built.stdout + built.stderr
    return artifacts / "python"


@pytest.fixture(scope="session")
def python313() -> Path | None:
    return find_python(LAYER_PYTHON)


@pytest.fixture(scope="session")
def layer(python313: Path | None) -> Path:
    """Give the layer's python folder; built anew only when its sources or the compiling Python have changed."""
    cache = ROOT / "build" / "layer"
    built_from = f"{code_hash(ROOT, ['layers/runtime'])} {python313}"
    stamp = cache / "built-from"
    if not stamp.exists() or stamp.read_text() != built_from:
        stamp.unlink(missing_ok=True)
        build_layer(cache)
        stamp.write_text(built_from)
    return cache / "python"


@pytest.fixture(scope="session")
def run_in_layer(layer: Path, python313: Path | None) -> RunInLayer:
    """Give a function that runs code on Python 3.13 with the layer, one function's folder and nothing else.

    `run_in_layer(code, function=None, env={})` runs `code` in a fresh process whose path is the named folder
    of `functions/`, the layer and the standard library, in that order, as on Lambda; it sees no variables but
    `env`, and no site-packages. Skips where this machine has no Python 3.13.
    """
    if python313 is None:
        pytest.skip("no Python 3.13 here to run the layer on; install one or name it in PYTHON313")

    def run(code: str, function: str | None = None, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        folders = [*([str(ROOT / "functions" / function)] if function else []), str(layer)]
        program = f"import sys; sys.path[:0] = {folders!r}\n{code}"
        environment = {"ORT_DISABLE_TELEMETRY": "1", **(env or {})}
        command = [python313, "-I", "-S", "-B", "-c", program]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS_MAX)

    return run
