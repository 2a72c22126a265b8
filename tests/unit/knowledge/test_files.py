"""What a version of a knowledge base is made of, and what is said where a part of it was not made."""

import shutil
from pathlib import Path

import pytest

from coldframe.errors import ColdframeError
from coldframe.triage.heads import HEADS
from coldframe.triage.opening import KNOWLEDGE
from coldframe.triage.vectors import EMBEDDINGS
from infra.cli.publish import publish
from models.forge.knowledge.files import read_files
from models.forge.version import MODELS

HOME = MODELS / "tickets"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("knowledge.yaml", "metrics.json", HEADS, EMBEDDINGS):
        shutil.copy(HOME / name, tmp_path / name)
    return tmp_path


def test_it_is_the_document_the_heads_and_the_embeddings(folder: Path) -> None:
    assert set(read_files(folder)) == {KNOWLEDGE, HEADS, EMBEDDINGS}


@pytest.mark.parametrize("name", [HEADS, EMBEDDINGS])
def test_what_was_not_made_is_told_with_the_commands_that_make_it(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        read_files(folder)
    advice = rf"{name} is missing: make tickets first \(make run or coldframe kb build\)"
    with pytest.raises(ColdframeError, match=advice):
        publish("tickets", folder=folder)
