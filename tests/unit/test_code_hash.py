"""The hash that makes SAM publish a new version."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.code_hash import code_hash

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "layers/runtime/requirements.txt": "numpy==1\n",
    "layers/runtime/coldframe/loading.py": "x = 1\n",
    "layers/signing/requirements.txt": "cryptography==1\n",
    "functions/sentiment/app.py": "y = 1\n",
    "template.yaml": "Resources: {}\n",
    "samconfig.toml": "version = 0.1\n",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "one" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "one"


@pytest.mark.parametrize("name", FILES)
def test_changes_with_the_content_of_any_source(checkout: Path, name: str) -> None:
    before = code_hash(checkout)
    (checkout / name).write_text("z = 2\n")
    assert code_hash(checkout) != before


def test_changes_when_a_file_is_renamed(checkout: Path) -> None:
    before = code_hash(checkout)
    app = checkout / "functions/sentiment/app.py"
    app.rename(app.with_name("handler.py"))
    assert code_hash(checkout) != before


def test_changes_when_a_file_is_added_or_bytes_move_to_the_next_file(checkout: Path) -> None:
    seen = {code_hash(checkout)}
    (checkout / "functions/sentiment/empty.py").touch()
    seen.add(code_hash(checkout))
    (checkout / "functions/sentiment/empty.py").write_text("y = 1\n")
    (checkout / "functions/sentiment/app.py").write_text("")
    seen.add(code_hash(checkout))
    assert len(seen) == 3


def _later(checkout: Path) -> None:
    for path in checkout.rglob("*"):
        os.utime(path, (1, 1))


def _by_products(checkout: Path) -> None:
    for name in ("coldframe/__pycache__/x.cpython-313.pyc", "coldframe/stale.pyc", ".mypy_cache/x.json"):
        path = checkout / "layers/runtime" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"noise")


def _elsewhere(checkout: Path) -> None:
    (checkout / "README.md").write_text("words")


@pytest.mark.parametrize("change", [_later, _by_products, _elsewhere])
def test_is_deaf_to_what_is_not_built_in(checkout: Path, change: Callable[[Path], None]) -> None:
    before = code_hash(checkout)
    change(checkout)
    assert code_hash(checkout) == before


def test_is_the_same_in_another_checkout(checkout: Path) -> None:
    other = shutil.copytree(checkout, checkout.with_name("a second one"))
    assert code_hash(other) == code_hash(checkout)


def test_the_command_prints_the_hash_of_this_checkout() -> None:
    command = [sys.executable, "-m", "infra.code_hash"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert printed == f"{code_hash(ROOT)}\n"
