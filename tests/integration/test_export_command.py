"""`coldframe export` of a module in the current folder: what it writes, and the same bytes again."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from coldframe.errors import ColdframeError
from coldframe.features import GRAPH
from coldframe.loading import Stopwatch, load
from coldframe.manifest import Manifest
from infra.cli.main import app
from models.forge.publish import publish
from tests import made

TRAIN = """
import numpy as np
from sklearn.ensemble import RandomForestClassifier

random = np.random.default_rng(3)
ROWS = random.normal(size=(120, 2))
TARGETS = (ROWS.sum(axis=1) > 0).astype(int)


def fit():
    return RandomForestClassifier(20, max_depth=3, random_state=0).fit(ROWS[:80], TARGETS[:80])


def write(path):
    names = np.array(["below", "above"])[TARGETS[80:]]
    lines = [f"{x!r},{y!r},{name}" for (x, y), name in zip(ROWS[80:].tolist(), names)]
    path.write_text("\\n".join(["x,y,label", *lines]), "utf-8")
"""
NAMED = ("--name", "sides", "--labels", "below,above", "--features", "x,y")


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, in which the module is imported as a user's is."""
    command = [sys.executable, "-W", "error", "-c", "from infra.cli import main; main()", "export", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "own_train.py").write_text(TRAIN, "utf-8")
    spoken: dict[str, object] = {}
    exec(compile(TRAIN, "own_train.py", "exec"), spoken)
    spoken["write"](tmp_path / "held_out.csv")  # type: ignore[operator]
    return tmp_path


def test_a_function_is_exported_and_its_version_published_and_served(project: Path) -> None:
    done = run(project, "own_train:fit", *NAMED, "--data", "held_out.csv", "--version", "v2.0.1")
    assert done.returncode == 0, done.stderr
    folder = project / "build" / "sides" / "v2.0.1"
    manifest = Manifest.parse((folder / "manifest.json").read_bytes())
    files = {GRAPH: (folder / GRAPH).read_bytes()}
    assert {path.name for path in folder.iterdir()} == {GRAPH, "manifest.json"}
    measured = {figure["metric"]: figure["value"] for figure in manifest.metrics["figures"]}
    assert measured["accuracy"] > 0.8
    assert f"{measured['macro_f1']:.4f}" in done.stdout
    assert f"model.onnx ({len(files[GRAPH]):,} bytes)" in done.stdout
    store = made.memory_store()
    target = publish(store, manifest, files, made.NOTE)
    served = load(store, "sides", target, Stopwatch()).feature_model
    rows = np.array([[-2.0, -2.0], [2.0, 2.0]])
    assert [manifest.labels[row.argmax()] for row in served.scores(rows)] == ["below", "above"]


def test_the_same_model_gives_the_same_bytes_in_another_process(project: Path) -> None:
    for folder in ("one", "other"):
        assert run(project, "own_train:fit", *NAMED, "--into", folder).returncode == 0
    for name in (GRAPH, "manifest.json"):
        assert (project / "one" / name).read_bytes() == (project / "other" / name).read_bytes()


def test_what_is_wrong_ends_in_one_message_and_writes_nothing(project: Path) -> None:
    done = run(project, "own_train:nothing", *NAMED)
    assert done.returncode == 1
    assert done.stderr.startswith("coldframe: own_train has no nothing")
    assert "Traceback" not in done.stderr
    assert not (project / "build").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--name", "Sides", *NAMED[2:]), "name 'Sides' does not have the form"),
        ((*NAMED, "--version", "2"), "'2' is not a version"),
        ((*NAMED[:2], "--labels", "below", *NAMED[4:]), "must be two or more"),
        ((*NAMED[:4], "--features", "x,,y"), "must have 1 to 100 characters"),
        ((*NAMED, "--data", "absent.csv"), "absent.csv cannot be read"),
    ],
)
def test_what_is_asked_for_is_checked_before_any_import(words: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(app, ["export", "not_imported:model", *words])
    assert isinstance(done.exception, ColdframeError)
    assert said in str(done.exception)
