"""`coldframe kb safety` on the real encoder and a small knowledge base: SAFE, and UNSAFE where it should be.

How fast a way is, is no part of it: a busy machine must not decide a test.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from coldframe import loading
from coldframe.errors import ManifestError
from coldframe.manifest import FileEntry, Manifest
from coldframe.triage.heads import HEADS
from coldframe.triage.vectors import EMBEDDINGS
from infra.cli.kb import safety as command
from infra.cli.main import app, main
from models.forge import version as versions
from models.forge.knowledge.safety import rule
from models.forge.knowledge.safety.run import SAMPLE_MAX_COUNT, safety, tickets_of
from models.forge.version import Version
from tests import made_knowledge
from tests.made_knowledge import CONTENT, IN_SCOPE, OUT_OF_SCOPE, embeddings, encoder_files, own_files

TICKETS = [IN_SCOPE, OUT_OF_SCOPE, "I lost the key"]
NAMES = ["Same answers", "Timings of both", "Missing assets", "Stale assets", "Corrupt assets"]
TOML = 'version = "v1.0.0"\nkind = "knowledge"\n[input]\nmaxLength = 10000\n'


@pytest.fixture(autouse=True)
def any_time_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "SLOWER_RATIO_MAX", 1e9)


def made(**other: bytes) -> Version:
    """A version of the small knowledge base, some files of it other, all listed as they are."""
    files = own_files() | {f"{name}.npz": data for name, data in other.items()}
    return Version(made_knowledge.manifest(files), files | encoder_files())


def wrong_embeddings() -> bytes:
    """Those of the right texts and encoder by their digests, and in another order."""
    return embeddings(whole=made_knowledge.vectors().whole[::-1].copy())


def run(version: Version) -> rule.Safety:
    return safety(version, TICKETS, lambda *_: None)


def test_a_version_as_it_is_built_is_safe() -> None:
    found = run(made())
    assert [step.name for step in found.steps] == NAMES
    assert (found.verdict, found.reasons) == ("SAFE", [])
    assert [step.found for step in found.steps[2:]] == [
        "9 of 9 refused; without the embeddings the answers are the same",
        "7 of 7 refused",
        "60 of 60 refused; the version before stays in 3 of 3",
    ]


def test_embeddings_that_are_wrong_under_the_right_digests_are_unsafe() -> None:
    found = run(made(embeddings=wrong_embeddings()))
    assert found.verdict == "UNSAFE"
    assert [step.name for step in found.steps if step.reasons] == ["Same answers", "Missing assets"]
    assert found.reasons[0].startswith("Same answers: 3 of 3 answers differ")
    assert "similar_problems" in found.reasons[0]


def test_bytes_that_nobody_checks_are_unsafe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FileEntry, "check", lambda *_: None)
    found = run(made())
    assert found.verdict == "UNSAFE"
    assert [step.name for step in found.steps if step.reasons] == ["Corrupt assets"]
    assert any("a bit flipped" in reason and "and is opened" in reason for reason in found.reasons)


def test_a_crash_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = loading.open_files

    def crash(manifest: Manifest, files: Mapping[str, bytes]) -> Any:
        files[HEADS]
        return opened(manifest, files)

    monkeypatch.setattr(loading, "open_files", crash)
    assert run(made()).reasons == [
        "Missing assets: heads.npz is not listed: it should be refused, and fails with KeyError('heads.npz')"
    ]


def test_what_the_run_cannot_be_made_with_is_refused() -> None:
    bare = {name: data for name, data in own_files().items() if name != EMBEDDINGS}
    with pytest.raises(ManifestError, match=f"has no {EMBEDDINGS}"):
        run(Version(made_knowledge.manifest(bare), bare | encoder_files()))
    with pytest.raises(ManifestError, match="kind linear-text"):
        run(versions.read_version("sentiment"))


def test_tickets_are_those_held_out_or_a_sample_of_the_phrasings(tmp_path: Path) -> None:
    phrasings = {text for one in CONTENT["problems"] for text in one["phrasings"]}
    assert set(tickets_of(made(), tmp_path)) == phrasings
    many = [{**CONTENT["problems"][0], "phrasings": [f"ticket {number}" for number in range(500)]}]
    version = made()
    files = {**version.files, "knowledge.json": json.dumps(CONTENT | {"problems": many}).encode()}
    sample = tickets_of(Version(version.manifest, files), tmp_path)
    assert len(set(sample)) == SAMPLE_MAX_COUNT
    assert sample == tickets_of(Version(version.manifest, files), tmp_path)
    (tmp_path / "held_out.csv").write_text("case,text\nplain,jammed again\n", "utf-8")
    assert tickets_of(made(), tmp_path) == ["jammed again"]


# ---- the command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with another version of tickets: the small knowledge base."""
    monkeypatch.setattr(command, "MODELS", tmp_path)  # the tickets held out are of the large one
    metrics = {
        "labels": made_knowledge.LABELS,
        "rows": 12,
        "terms": "ours",
        "figures": [],
        "thresholds": {"in_scope": {"value": 0.5}, "certain": {"value": 0.5}},
        "made_with": {},
    }
    content = CONTENT | {"problems": [{"percentage": 0, **problem} for problem in CONTENT["problems"]]}
    (tmp_path / "knowledge.yaml").write_text(yaml.safe_dump(content), "utf-8")
    (tmp_path / "metrics.json").write_text(json.dumps(metrics), "utf-8")
    for name in (HEADS, EMBEDDINGS):
        (tmp_path / name).write_bytes(own_files()[name])
    return tmp_path


def invoked(*words: str | Path) -> Result:
    environment = {"COLUMNS": "200"}
    return CliRunner().invoke(
        app, ["kb", "safety", *map(str, words)], env=environment, catch_exceptions=False
    )


def test_the_command_ends_in_safe(folder: Path) -> None:
    result = invoked("--folder", folder)
    lines = result.output.splitlines()
    assert (result.exit_code, lines[-1]) == (0, "SAFE")
    assert [line.count("kept") for line in lines if "│" in line] == [1] * len(NAMES)
    for name in ("tickets v1.0.0", *NAMES, "Opening both ways (18 texts to embed)", "Damaging files"):
        assert name in result.output


def test_the_command_ends_in_unsafe_with_the_reasons_and_1(folder: Path) -> None:
    (folder / EMBEDDINGS).write_bytes(wrong_embeddings())
    result = invoked("tickets", "--folder", folder)
    lines = result.output.splitlines()
    assert result.exit_code == 1
    first, second = lines[lines.index("UNSAFE") + 1 :]
    assert first.startswith("  Same answers: 12 of 12 answers differ")
    assert second.startswith("  Missing assets: ")
    assert sum("BROKEN" in line for line in lines) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [(("none",), "There is no model none here"), (("sentiment",), "is of kind linear-text")],
)
def test_the_command_says_what_it_cannot_see_to(
    words: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["coldframe", "kb", "safety", *words])
    with pytest.raises(SystemExit, match="1"):
        main()
    assert says in " ".join(capsys.readouterr().err.split())
