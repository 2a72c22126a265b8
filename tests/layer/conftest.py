"""The layers, each built once per state of its sources, and a way to run code on them alone."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from bytecode import find_python
from infra.code_hash import code_hash

ROOT = Path(__file__).resolve().parents[2]
BUILD_SECONDS_MAX = 600
RUN_SECONDS_MAX = 120


class BuildLayer(Protocol):
    def __call__(
        self, artifacts: Path, env: Mapping[str, str] = ..., name: str = ...
    ) -> subprocess.CompletedProcess[str]: ...


class RunInLayer(Protocol):
    def __call__(
        self, code: str, function: str | None = ..., env: Mapping[str, str] = ...
    ) -> subprocess.CompletedProcess[str]: ...


def _build_layer(
    artifacts: Path, env: Mapping[str, str] = {}, name: str = "runtime"
) -> subprocess.CompletedProcess[str]:
    """Build for x86_64 the way SAM does: the makefile's target, in a copy of the folder and nothing else."""
    scratch = artifacts.with_name(f"{artifacts.name} scratch")
    shutil.copytree(ROOT / "layers" / name, scratch, dirs_exist_ok=True)
    try:
        return subprocess.run(
            ["make", f"build-{name.capitalize()}Layer"],
            cwd=scratch,
            env=os.environ | {"ARTIFACTS_DIR": str(artifacts), "ARCH": "x86_64"} | dict(env),
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS_MAX,
        )
    finally:
        shutil.rmtree(scratch)


@pytest.fixture(scope="session")
def build_layer() -> BuildLayer:
    return _build_layer


@pytest.fixture(scope="session")
def python313() -> Path:
    """Give a Python 3.13, or skip: the layer can be looked at without one, but not run."""
    python = find_python("3.13")
    if python is None:
        pytest.skip("no Python 3.13 here to run the layer on; install one or name it in PYTHON313")
    return python


@pytest.fixture(scope="session")
def layer() -> Path:
    """Give the built layer's python folder, built anew when its sources or the compiling Python changed."""
    return _built("runtime", ROOT / "build" / "layer")


@pytest.fixture(scope="session")
def signing_layer() -> Path:
    """Give the python folder of the layer that functions have besides where versions must be signed."""
    return _built("signing", ROOT / "build" / "layer-signing")


def _built(name: str, cache: Path) -> Path:
    stamp = cache / "built-from"
    state = f"{code_hash(ROOT, [f'layers/{name}'])} {find_python('3.13')}"
    if not stamp.exists() or stamp.read_text() != state:
        stamp.unlink(missing_ok=True)
        built = _build_layer(cache, name=name)
        assert built.returncode == 0, built.stdout + built.stderr
        stamp.write_text(state)
    return cache / "python"


@pytest.fixture(scope="session")
def run_in_layer(layer: Path, python313: Path) -> RunInLayer:
    """Give a function that runs code on Python 3.13 with one function's folder, the layer and nothing else.

    `run_in_layer(code, function="sentiment", env={…})` runs `code` in a fresh process whose path is
    functions/sentiment, the layer and the standard library, in that order, as on Lambda. It has no
    site-packages and sees no variables but `env`.
    """

    def run(
        code: str, function: str | None = None, env: Mapping[str, str] = {}
    ) -> subprocess.CompletedProcess[str]:
        folders = [*([str(ROOT / "functions" / function)] if function else []), str(layer)]
        program = f"import sys; sys.path[:0] = {folders!r}\n{code}"
        return subprocess.run(
            [str(python313), "-I", "-S", "-B", "-c", program],
            env={"ORT_DISABLE_TELEMETRY": "1", **env},
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS_MAX,
        )

    return run
