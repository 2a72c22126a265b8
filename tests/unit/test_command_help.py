"""`coldframe --help` and that of every word: examples to copy, at the width of a terminal."""

import pytest
from typer.testing import CliRunner

from infra.cli.main import PANELS, app

WORDS = sorted(command.__name__ for commands in PANELS.values() for command in commands)


def shown(*words: str) -> str:
    result = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("word", WORDS)
def test_a_word_has_examples(word: str) -> None:
    assert f"\n coldframe {word}" in shown(word)


def test_every_word_stands_in_its_panel() -> None:
    told = shown()
    for panel in PANELS:
        assert f"─ {panel} ─" in told
    for word in (*WORDS, "kb"):
        assert f"\n│ {word} " in told
