"""`coldframe new`: names, labels and files; what is put into the project, whole or not at all."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from coldframe.errors import ColdframeError
from infra.cli.new import placing
from infra.cli.new.files import Plan, write
from infra.cli.new.labels import check_alarm, read_labels
from infra.cli.new.names import check_name, check_title
from models.forge.csv_file import UnusableRows
from tests.generated import write_csv
from tests.handlers import ROOT
from tests.unit.test_new_template import TEXT

PLAN = Plan(
    "linear-text",
    "moderation",
    "Moderation",
    {"hate": 30, "offensive": 30, "benign": 40},
    ("hate", "offensive"),
)


# ---- Names and labels


@pytest.mark.parametrize("name", ["complaints", "a", "t2"])
def test_names_that_are_free(name: str, tmp_path: Path) -> None:
    check_name(name, tmp_path, TEXT)


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("", "lower-case letter"),
        ("my-model", "no word|lower-case"),
        ("my_model", "lower-case"),
        ("Complaints", "lower-case"),
        ("1st", "lower-case"),
        ("x" * 31, "lower-case"),
        ("../up", "lower-case"),
        ("チケット", "lower-case"),
        ("class", "Python"),
        ("sentiment", "functions/sentiment already"),
        ("moderation", "functions/moderation already"),
        ("tickets", "functions/tickets already"),
        ("batch", "functions/batch already"),
        ("batches", "functions/batches already"),
        ("metrics", "functions/metrics already"),
        ("inference", "functions/inference already"),
        ("v2", "routes below /v2 already"),
        ("forge", "models/forge already"),
        ("inbox", "InboxDeadLetterQueue already"),
        ("api", "routes below /api already"),
    ],
)
def test_names_that_are_not(name: str, fix: str) -> None:
    with pytest.raises(ColdframeError, match=fix):
        check_name(name, ROOT, TEXT)


@pytest.mark.parametrize("title", ["", " a", 'a"b', "a\\b", "a\nb", "x" * 61, "\ud800"])
def test_titles_that_cannot_stand_in_code(title: str) -> None:
    with pytest.raises(ColdframeError, match="1 to 60 characters"):
        check_title(title)


def test_labels_are_the_files_most_frequent_first_and_case_aside(tmp_path: Path) -> None:
    rows = [("a", "rare"), ("b", "Often"), ("c", "often"), ("d", " often"), ("e", ""), ("", "unseen")]
    assert read_labels([write_csv(tmp_path / "rows.csv", rows)]) == ("often", "rare")


@pytest.mark.parametrize(
    ("labels", "fix"),
    [
        ([f"text {number}" for number in range(21)], "21 labels .* of which 21 have fewer than 20 rows"),
        (["a|b", "c"], "cannot be used"),
        (["良い", "c"], "cannot be used"),
        (["-a", "c"], "cannot be used"),
        (["x" * 51, "c"], "cannot be used"),
    ],
)
def test_labels_that_cannot_be_used(tmp_path: Path, labels: list[str], fix: str) -> None:
    with pytest.raises(UnusableRows, match=fix):
        read_labels([write_csv(tmp_path / "rows.csv", [(f"text {label}", label) for label in labels])])


@pytest.mark.parametrize(
    ("alarm", "counts", "fix"),
    [
        (("c",), {"a": 30, "b": 30}, "none of the labels, which are a, b"),
        (("a", "b"), {"a": 30, "b": 30}, "leave out those"),
        (("a",), {"a": 30, "Alarm": 30}, "rename it"),
        (("a",), {"a": 24, "b": 30}, "24 of 54: add rows"),
        (("a",), {"a": 30, "b": 24}, "30 of 54: add rows"),
    ],
)
def test_alarms_that_cannot_be_raised(alarm: tuple[str, ...], counts: dict[str, int], fix: str) -> None:
    with pytest.raises(ColdframeError, match=fix):
        check_alarm(alarm, counts)


# ---- Files


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write(PLAN, "words", (ROOT / "functions/sentiment/Makefile").read_text("utf-8"), tmp_path)
    return tmp_path


def test_moderations_function_could_nearly_be_written(written: Path) -> None:
    """What moderation's app has not of a new one's lines: its answers are its own."""
    lines = {
        path: (path / "functions/moderation/app.py").read_text("utf-8").splitlines()
        for path in (written, ROOT)
    }
    assert [line for line in lines[written] if line not in lines[ROOT]] == [
        '"""Moderation over HTTP: a label for each text, and how likely each of the labels is."""',
        "from coldframe.answers import answer  # noqa: E402",
        "from coldframe.inputs import LongTextRequest  # noqa: E402",  # beside another name
        "from coldframe.predictions import Prediction, Predictions  # noqa: E402",
        '@app.post("/moderation/predict", response_model=Prediction | Predictions, responses=documented())',
        "async def predict(request: LongTextRequest) -> Response:",
        '    """Classify `text`, or each of `texts`."""',
        "    return answer(slot, request)",
    ]
    assert (written / "functions/moderation/Makefile").read_text("utf-8") == (
        ROOT / "functions/moderation/Makefile"
    ).read_text("utf-8")


def test_moderations_model_could_nearly_be_written(written: Path) -> None:
    """Its recipe has the same fields, and its model.toml other words."""
    own, there = (
        tomllib.loads((path / "models/moderation/model.toml").read_text("utf-8")) for path in (written, ROOT)
    )
    assert (
        own["alarm"]
        == {"name": "alarm", "labels": ["hate", "offensive"]}
        == there["alarm"] | {"name": "alarm"}
    )
    assert own["outcomes"] == [{"when": ["alarm"], "alarm": "yes"}, {"when": [], "alarm": "no"}]
    differ = {"alarm", "outcomes", "version", "input", "smoke"}
    assert {key: own[key] for key in own.keys() - differ} == {
        key: there[key] for key in there.keys() - differ
    }
    assert own["input"]["maxLength"] == there["input"]["maxLength"]
    recipe = (ROOT / "models/moderation/recipe.py").read_text("utf-8")
    for line in (written / "models/moderation/recipe.py").read_text("utf-8").splitlines():
        if line.startswith("    ") and "=" in line:
            assert f"\n{line.partition('=')[0]}=" in recipe


@pytest.mark.parametrize("alarm", [(), ("hate",), ("hate", "offensive")])
@pytest.mark.parametrize("offensive", [20, 30])
def test_what_is_written_passes_the_projects_own_checks(
    tmp_path: Path, alarm: tuple[str, ...], offensive: int
) -> None:
    counts = {"hate": 24, "offensive": offensive}
    write(Plan("linear-text", "abuse", "Abuse", counts, alarm), "words", "", tmp_path)
    for path in tmp_path.rglob("*.py"):
        there = str(path.relative_to(tmp_path))
        for check in (["check"], ["format", "--check"]):
            ruff = [sys.executable, "-m", "ruff", *check, "--no-cache", "--stdin-filename", there, "-"]
            done = subprocess.run(
                ruff, cwd=ROOT, input=path.read_text("utf-8"), capture_output=True, text=True
            )
            assert done.returncode == 0, done.stdout


def test_weights_stay_below_two_megabytes() -> None:
    for labels in range(2, 21):
        for rows in (20, 1_000, 1_000_000):
            plan = Plan("linear-text", "a", "A", {f"l{n}": rows for n in range(labels)}, ())
            assert plan.buckets * plan.contrasts * 2 <= 1_920_000
            assert plan.buckets >= 20_000


# ---- All or nothing


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "models").mkdir(parents=True)
    (root / "template.yaml").write_bytes(b"a: 1\n")
    (root / "models/there.py").write_bytes(b"1\n")
    return root


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    staged = tmp_path / "staged"
    for name in (
        "functions/new/app.py",
        "models/new/recipe.py",
        "models/new/pictures/one.svg",
        "docs/new.json",
    ):
        (staged / name).parent.mkdir(parents=True, exist_ok=True)
        (staged / name).write_text(name)
    return staged


def tree(root: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None for path in root.rglob("*")
    }


def test_all_of_it_is_put_in_place(root: Path, staged: Path) -> None:
    before, seen = tree(root), []
    placing.put(staged, root, "b: 2\n", lambda: seen.append(tree(root)))
    assert tree(root) == before | tree(staged) | {"template.yaml": b"b: 2\n"}
    assert seen == [tree(root)]


def failing(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()], ids=["disk full", "Ctrl-C"])
@pytest.mark.parametrize("after", range(4))
def test_a_failure_half_way_leaves_nothing(
    root: Path, staged: Path, after: int, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, left, copy = tree(root), iter(range(after)), shutil.copyfileobj

    def copied(source: BinaryIO, file: BinaryIO) -> None:
        if next(left, None) is None:
            raise error
        copy(source, file)

    monkeypatch.setattr(shutil, "copyfileobj", copied)
    with pytest.raises(type(error)):
        placing.put(staged, root, "b: 2\n", lambda: None)
    assert tree(root) == before


def test_a_template_that_the_local_cloud_refuses_leaves_nothing(root: Path, staged: Path) -> None:
    before = tree(root)
    with pytest.raises(ColdframeError):
        placing.put(staged, root, "b: 2\n", failing(ColdframeError("refused")))
    assert tree(root) == before


def test_a_file_that_is_there_meanwhile_stays(root: Path, staged: Path) -> None:
    (root / "docs").mkdir()
    (root / "docs/new.json").write_text("somebody else's")
    before = tree(root)
    with pytest.raises(FileExistsError):
        placing.put(staged, root, "b: 2\n", lambda: None)
    assert tree(root) == before
