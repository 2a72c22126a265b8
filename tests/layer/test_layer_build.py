"""What the build says when it cannot build, or builds less than it should."""

import sys
from collections import Counter
from pathlib import Path

import pytest

import build
from bytecode import compile_all, find_python
from tests.layer.conftest import BuildLayer


def _fake_python(folder: Path, script: str) -> Path:
    python = folder / "python3.13"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return python


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give a machine with no Python 3.13: an empty folder that is both its home and its path."""
    monkeypatch.delenv("PYTHON313", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_an_unknown_architecture_is_refused_by_name(build_layer: BuildLayer, tmp_path: Path) -> None:
    built = build_layer(tmp_path / "layer", env={"ARCH": "sparc"})
    assert built.returncode != 0
    assert "ARCH is 'sparc'; the layer can be built for x86_64 or arm64." in built.stderr


def test_a_layer_above_the_limit_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="too big; drop"):
        build.report(Counter({"numpy": 100_000_000, "torch": 30_000_001}))
    assert "  30,000,001 bytes  torch\n" in capsys.readouterr().out


def test_a_layer_at_the_limit_passes_and_is_reported_by_package(capsys: pytest.CaptureFixture[str]) -> None:
    build.report(Counter({"tiny": 1, "numpy": 99_999_999, "fastapi": 30_000_000}))
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "layer: 99,999,999 bytes numpy",
        "layer: 30,000,000 bytes fastapi",
        "layer: 1 bytes smaller ones",
        "layer: 130,000,000 bytes together",
        "layer: 130,000,000 bytes limit",
    ]


def test_a_drop_pattern_that_matches_nothing_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"nothing matches .*; bring layer\.toml up to date"):
        build.slim(tmp_path)


def test_without_a_python_3_13_the_build_warns_what_that_costs(
    bare_machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (bare_machine / "module.py").touch()
    build.add_bytecode(bare_machine)
    assert "WARNING: imports take 2 to 3 times as long" in capsys.readouterr().out
    assert list(bare_machine.rglob("*.pyc")) == []


@pytest.mark.parametrize("script", ["echo 'pyenv: python3.13: command not found' >&2; exit 127", "echo 3.12"])
def test_a_shim_that_refuses_or_another_version_is_not_taken(bare_machine: Path, script: str) -> None:
    _fake_python(bare_machine, script)
    assert find_python("3.13") is None


def test_one_that_pyenv_installed_is_found_behind_its_shim(bare_machine: Path) -> None:
    _fake_python(bare_machine, "exit 127")
    installed = bare_machine / ".pyenv/versions/3.13.0/bin"
    installed.mkdir(parents=True)
    real = _fake_python(installed, "echo 3.13")
    assert find_python("3.13") == real


def test_python313_is_the_only_one_tried_when_it_is_set(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fake_python(bare_machine, "echo 3.13")
    monkeypatch.setenv("PYTHON313", str(bare_machine / "missing"))
    assert find_python("3.13") is None


def test_a_module_that_does_not_compile_stops_the_build(python313: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def :\n")
    with pytest.raises(SystemExit, match="does not compile"):
        compile_all(python313, tmp_path)


def test_the_package_weights_add_up_to_the_layer(layer: Path) -> None:
    weights = build.sizes(layer)
    assert weights.total() == sum(path.stat().st_size for path in layer.rglob("*") if path.is_file())
    assert weights["numpy"] > (layer / "numpy.libs").stat().st_size
    assert sys.modules["build"].__file__ == str(Path(build.HERE) / "build.py")
