"""Bytecode for the layer: Lambda's file system is read-only, so what is not compiled here never is."""

import os
import shutil
import subprocess
from pathlib import Path

MOUNTED_AT = "/opt/python"  # where Lambda puts a layer's python folder


def find_python(version: str) -> Path | None:
    """Find an interpreter of exactly this minor version ("3.13") that really runs, or none.

    PYTHON313, when set, is the only one tried.
    """
    named = os.environ.get(f"PYTHON{version.replace('.', '')}")
    on_path = shutil.which(f"python{version}")
    installed = sorted(Path.home().glob(f".pyenv/versions/{version}*/bin/python{version}"), reverse=True)
    candidates = [Path(named)] if named else [*([Path(on_path)] if on_path else []), *installed]
    return next((python for python in candidates if _version_of(python) == version), None)


def _version_of(python: Path) -> str | None:
    # A pyenv shim is there for every version that any project uses, and fails when it is run.
    command = [str(python), "-I", "-c", "import sys; print('.'.join(map(str, sys.version_info[:2])))"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - the user's own
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def compile_all(python: Path, folder: Path) -> None:
    """Compile every module under `folder`, to be loaded without a look at its source.

    Raises:
        SystemExit: a module does not compile.
    """
    compileall = [str(python), "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    command = [*compileall, "-s", str(folder), "-p", MOUNTED_AT, str(folder)]
    # Hash seed and a single process: the same source then gives the same bytes.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    if subprocess.run(command, env=environment, check=False).returncode:  # noqa: S603 - the user's own
        raise SystemExit("layer: a module does not compile; its message is above.")
