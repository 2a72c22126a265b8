"""`coldframe kb`: what it says of a file, and what it makes of one for a model that is there."""

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from coldframe.errors import ColdframeError
from coldframe.triage.document import Document
from infra.cli.kb import making
from infra.cli.main import app
from models.forge import version
from models.forge.crossfit import Progress
from models.forge.figures import Figure
from models.forge.knowledge.faults import UnusableKnowledge
from models.forge.knowledge.intents_data import BANKING, CLINC, DOMAINS
from models.forge.knowledge.read import read_document
from tests.unit.test_read_knowledge import JUDGED, SMALL, written

TOML = 'version = "v1.2.9"\nkind = "{}"\n'


def run(*words: str | Path) -> Result:
    environment = {"COLUMNS": "200"}
    return CliRunner().invoke(app, ["kb", *map(str, words)], env=environment, catch_exceptions=False)


# ---- check


def test_a_file_is_shown_with_what_it_falls_short_in(tmp_path: Path) -> None:
    shown = run("check", written(tmp_path, JUDGED)).output
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown.splitlines() if "│" in line]
    assert rows == [
        ["Leave", "1", "1", "1", "0", "0"],
        ["Pay", "1", "1", "0", "0", "1"],
        ["all", "2", "2", "1", "0", "1"],
    ]
    assert "2 problems with fewer than 3 phrasings (Days left, Pay is wrong)" in shown
    assert "2 categories with fewer than 3 problems (Leave, Pay)" in shown
    assert "out_of_scope" not in shown
    plain = run("check", written(tmp_path, SMALL)).output
    assert "no out_of_scope: add texts" in plain
    assert "fully" not in plain


def test_names_are_no_markup(tmp_path: Path) -> None:
    assert "[red]Pay" in run("check", written(tmp_path, SMALL.replace("Pay\n", '"[red]Pay"\n'))).output


def test_a_file_with_faults_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableKnowledge, match="line 1: old: the key is unknown"):
        run("check", written(tmp_path, SMALL.replace("categories:", "old:")))


# ---- example


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / CLINC).parent.mkdir()
    train = [["my balance", "balance"], ["my balance ", "balance"], ["say hi", "greeting"]]
    rows = {"train": train, "val": [], "oos_train": [["hm", "oos"]], "oos_val": []}
    (tmp_path / CLINC).write_text(json.dumps(rows), "utf-8")
    domains = {"banking": ["balance"], "small_talk": ["greeting"], "meta": []}
    (tmp_path / DOMAINS).write_text(json.dumps(domains), "utf-8")
    (tmp_path / BANKING).write_text("text,category\na,change_pin\nb,atm_support\n", "utf-8")
    return tmp_path


def test_clinc150_becomes_a_knowledge_base(data: Path) -> None:
    into = data / "clinc.yaml"
    assert f"Written: {into}" in run("example", "clinc150", "--data", data, "--into", into).output
    document = read_document(into)
    assert document.labels == ("banking", "small_talk")
    assert [(one.problem, one.category, one.phrasings) for one in document.problems] == [
        ("balance", "banking", ("my balance",)),
        ("greeting", "small_talk", ("say hi",)),
    ]
    assert document.out_of_scope == ("hm",)
    with pytest.raises(FileExistsError):
        run("example", "clinc150", "--data", data, "--into", into)


def test_banking77_becomes_a_knowledge_base(data: Path) -> None:
    run("example", "banking77", "--data", data, "--into", data / "banking.yml")
    document = read_document(data / "banking.yml")
    assert {one.problem: one.category for one in document.problems} == {
        "change_pin": "Security",
        "atm_support": "Cash",
    }


@pytest.mark.parametrize(
    ("name", "file", "content", "says"),
    [
        ("clinc150", DOMAINS, json.dumps({"banks": ["balance", "greeting"]}), "unknown domains banks"),
        ("banking77", BANKING, "text,category\na,change_pan\n", "unknown intents change_pan"),
        ("banking77", BANKING, "text\na\n", "line 1 is"),
    ],
)
def test_other_rows_are_refused(data: Path, name: str, file: str, content: str, says: str) -> None:
    (data / file).write_text(content, "utf-8")
    with pytest.raises(ColdframeError, match=says):
        run("example", name, "--data", data, "--into", data / "made.yaml")
    with pytest.raises(ColdframeError, match=r"does not end on \.yaml"):
        run("example", name, "--data", data, "--into", data / "made.csv")
    assert not list(data.glob("made.*"))


# ---- build, with another making of the model than the real one, which tests/e2e/test_kb.py has


def build(document: Document, folder: Path, progress: Progress, _terms: str) -> SimpleNamespace:
    """Write what a test can tell from another, and note the card that was there."""
    progress("heads", 1, 1)
    card = folder / "card.md"
    before = card.read_text() if card.exists() else "new"
    for name in ("heads.npz", "embeddings.npz", "metrics.json"):
        (folder / name).write_text(document.title)
    card.write_text(f"{before}, built")
    if document.title == "broken":
        raise ColdframeError("out of luck")
    measured = [Figure("accuracy", 0.9, "phrasings", 4, "cross-validation", "yours")]
    return SimpleNamespace(figures=measured, warnings=["4 phrasings are few"], bytes=1_234)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A knowledge base hr among models that are in a folder of the test's."""
    module = ModuleType("models.forge.knowledge.build")
    module.__dict__["build"] = build
    monkeypatch.setitem(sys.modules, module.__name__, module)
    models = tmp_path / "models"
    for place in (version, making):
        monkeypatch.setattr(place, "MODELS", models)
    for name, kind in (("hr", "knowledge"), ("moods", "linear-text")):
        (models / name).mkdir(parents=True)
        (models / name / "model.toml").write_text(TOML.format(kind))
    (models / "hr/knowledge.csv").write_text("before")
    (models / "hr/card.md").write_text("words of mine")
    return models / "hr"


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def test_the_next_version_takes_the_place_of_the_last(home: Path, tmp_path: Path) -> None:
    shown = run("build", written(tmp_path, SMALL, "mine.yaml"), "--name", "hr").output
    assert contents(home) == {
        "model.toml": TOML.format("knowledge"),
        "knowledge.yaml": SMALL,
        "card.md": "words of mine, built",
        **dict.fromkeys(("heads.npz", "embeddings.npz", "metrics.json"), "mine"),
    }
    assert "Falls short: 4 phrasings are few" in shown
    assert "0.9000" in shown
    assert "1,234 bytes" in shown
    assert "coldframe publish hr --version v1.2.10 publishes it" in shown


def test_the_file_itself_can_be_built_where_it_stands(home: Path) -> None:
    (home / "knowledge.csv").unlink()
    (home / "knowledge.yaml").write_text(SMALL)
    run("build", home / "knowledge.yaml", "--name", "hr")
    assert (home / "knowledge.yaml").read_text() == SMALL


def test_it_is_written_elsewhere_where_it_is_told_to(home: Path, tmp_path: Path) -> None:
    before, into = contents(home), tmp_path / "deep" / "into"
    shown = run("build", written(tmp_path, SMALL), "--name", "hr", "--into", into).output
    assert contents(home) == before
    assert (into / "knowledge.yaml").read_text() == SMALL
    assert f"coldframe publish hr --version v1.2.10 --folder {into} publishes it" in shown


@pytest.mark.parametrize("content", ["title: broken\n" + SMALL, "old:"])
def test_a_failure_leaves_all_as_it_was(home: Path, tmp_path: Path, content: str) -> None:
    before = contents(home)
    with pytest.raises(ColdframeError):
        run("build", written(tmp_path, content), "--name", "hr")
    assert contents(home) == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--name", "HR"), "'HR' cannot be a name"),
        (("--name", "../hr"), "cannot be a name"),
        (("--name", "sentiment"), "functions/sentiment already"),
        (("--name", "new", "--into", "x"), "--into is for a model that is there"),
        (("--name", "new", "--title", 'a"b'), "The title 'a\"b' cannot be used"),
    ],
)
def test_what_cannot_be_made(home: Path, tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    with pytest.raises(ColdframeError, match=says.replace("(", r"\(")):
        run("build", written(tmp_path, SMALL), *words)


@pytest.mark.parametrize("word", ["check", "build", "example", "safety"])
def test_help_shows_examples_within_eighty_columns(word: str) -> None:
    shown = CliRunner().invoke(app, ["kb", word, "--help"], env={"COLUMNS": "80"})
    assert shown.exit_code == 0
    assert f"coldframe kb {word}" in shown.output
    assert max(map(len, shown.output.splitlines())) <= 80
