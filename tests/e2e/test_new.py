"""`coldframe new` from a CSV to answers over HTTP and a scored file, and `coldframe remove` to nothing."""

import csv
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import COLDFRAME, ROOT, Cloud, of_project
from tests.e2e.test_batch import csv_bytes, dropped, read, reported
from tests.generated import labelled_texts, write_csv
from tests.ports import two_free_ports

PARTS = ("functions", "infra", "layers", "models", "docs/openapi", "build/encoder")
NAME = "madefortests"  # no model of the user's
LABELS = ("positive", "neutral", "negative")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what makes an endpoint, to be changed."""
    return copied(tmp_path_factory.mktemp("a project"))


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(tmp_path_factory.mktemp("rows") / "rows.csv", labelled_texts(78, LABELS))


def copied(project: Path) -> Path:
    """Copy what makes an endpoint into a folder."""
    for part in PARTS:
        shutil.copytree(ROOT / part, project / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "template.yaml", project)
    return project


def coldframe(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | of_project(project) | {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [*COLDFRAME, *words], cwd=project, env=environment, input="n\n", capture_output=True, text=True
    )


def tree(project: Path) -> dict[str, tuple[int, bytes]]:
    """Every file with its mode and bytes, and every folder; Python's own are not the command's."""
    return {
        str(path.relative_to(project)): (path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in project.rglob("*")
        if "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def before(project: Path) -> dict[str, tuple[int, bytes]]:
    return tree(project)


@pytest.fixture(scope="module")
def cloud(project: Path, rows: Path, before: object) -> Iterator[Cloud]:
    made = coldframe(project, "new", NAME, "--data", str(rows), "--alarm", "negative", "--title", "商品")
    assert made.returncode == 0, made.stderr
    assert f"coldframe remove {NAME}" in made.stdout
    running = Cloud(two_free_ports(), project)
    yield running
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(20) == 0
    assert running.process.stdout is not None
    running.process.stdout.close()


def test_it_is_served_over_http_and_from_a_dropped_file_alike(cloud: Cloud, project: Path) -> None:
    with (project / f"models/{NAME}/checks.csv").open(encoding="utf-8", newline="") as file:
        checks = list(csv.DictReader(file))
    texts = [row["text"] for row in checks]
    status, answer = cloud.call(f"/{NAME}/predict", {"texts": texts})
    assert status == 200
    assert {one["label"] for one in answer["predictions"]} == set(LABELS)
    for one, row in zip(answer["predictions"], checks, strict=True):
        assert (one["label"], one["alarm"]) == (row["label"], "yes" if row["label"] == "negative" else "no")
    drop = dropped(cloud, f"{NAME}/a.csv", csv_bytes([["text"], *([text] for text in texts)], "utf-8"))
    report = reported(cloud, drop)
    assert (report["state"], report["scored"], report["model_version"]) == ("done", 3, "v1.0.0")
    header, *scored = read(cloud, drop.result_key)
    assert header == ["text", "alarm", "label", "probability", *(f"score_{label}" for label in LABELS)]
    for cells, one in zip(scored, answer["predictions"], strict=True):
        numbers = [one["probability"], *one["scores"].values()]
        assert (cells[1:3], [float(value) for value in cells[3:]]) == ([one["alarm"], one["label"]], numbers)


def test_it_says_what_it_is_and_refuses_what_is_wrong(cloud: Cloud) -> None:
    assert cloud.call(f"/{NAME}/health")[1]["status"] == "healthy"
    assert cloud.call(f"/{NAME}/model-info")[1]["alarm"] == {"name": "alarm", "labels": ["negative"]}
    assert cloud.call(f"/{NAME}/openapi.json", key="")[1]["info"]["title"] == "商品"
    assert cloud.call(f"/{NAME}/health", key="")[0] == 403
    status, problem = cloud.call(f"/{NAME}/predict", {"text": "あ" * 10_001})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/text")
    assert cloud.call(f"/{NAME}/predict", {"text": "あ" * 10_000})[0] == 200
    assert cloud.call("/sentiment/predict", {"text": "良い"})[0] == 200


def test_a_second_one_of_the_name_is_refused_with_the_fix(cloud: Cloud, project: Path, rows: Path) -> None:
    there = tree(project)
    again = coldframe(project, "new", NAME, "--data", str(rows))
    assert (again.returncode, f"coldframe remove {NAME}" in again.stderr) == (1, True)
    assert tree(project) == there


def test_removing_it_leaves_no_trace(cloud: Cloud, project: Path, before: object) -> None:
    there = tree(project)
    asked = coldframe(project, "remove", NAME)
    assert (asked.returncode, f"models/{NAME}/ (" in asked.stdout) == (1, True)
    assert tree(project) == there
    removed = coldframe(project, "remove", NAME, "--yes")
    assert removed.returncode == 0, removed.stderr
    assert tree(project) == before
    assert not list(project.rglob(f"{NAME}*"))


def test_only_what_it_made_can_be_removed(project: Path, before: object) -> None:
    for name in ("sentiment", "../models"):
        refused = coldframe(project, "remove", name, "--yes")
        assert (refused.returncode, "that `coldframe new` made" in refused.stderr) == (1, True)
    assert tree(project) == before


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        ((NAME, "--data", "few.csv"), "at least 20 of each label"),
        ((NAME, "--data", "rows.csv", "--alarm", "sad"), "none of the labels"),
    ],
)
def test_what_cannot_be_made_changes_nothing(
    project: Path, before: object, tmp_path: Path, words: tuple[str, ...], fix: str
) -> None:
    write_csv(tmp_path / "rows.csv", labelled_texts(90, LABELS))
    write_csv(tmp_path / "few.csv", labelled_texts(30, LABELS))
    refused = coldframe(project, "new", *(str(tmp_path / word) if ".csv" in word else word for word in words))
    assert refused.returncode == 1
    assert fix in refused.stderr, refused.stderr
    assert tree(project) == before


def test_an_app_that_does_not_load_leaves_nothing(project: Path, before: object, rows: Path) -> None:
    """The last step before the files are put in place."""
    module = project / "layers/runtime/coldframe/predictions.py"
    whole = module.read_bytes()
    module.write_text("raise SystemError('broken')\n")
    try:
        failed = coldframe(project, "new", NAME, "--data", str(rows))
    finally:
        module.write_bytes(whole)
    assert (failed.returncode, "does not load: SystemError: broken" in failed.stderr) == (1, True)
    assert tree(project) == before
