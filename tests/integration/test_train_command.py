"""`coldframe train` on rows made up here: what it writes, and what it says of that."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli.main import app
from models.moderation import recipe as moderation
from models.sentiment import recipe as sentiment
from tests.generated import english_texts, labelled_texts, write_csv


@pytest.fixture(autouse=True)
def few_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    for recipe in (moderation, sentiment):
        monkeypatch.setattr(recipe, "RECIPE", replace(recipe.RECIPE, buckets=5_003))


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["train", *words], env={"COLUMNS": "200"}, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_thresholds_and_figures_are_shown_as_they_were_written(tmp_path: Path) -> None:
    data = write_csv(tmp_path / "own.csv", english_texts(200, moderation.RECIPE.labels))
    folder = tmp_path / "made"
    shown = run("moderation", "--data", str(data), "--into", str(folder), "--cv")
    metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
    for name, chosen in metrics["thresholds"].items():
        interval = chosen["interval"]
        row = next(line for line in shown.splitlines() if line.startswith(f"│ {name} "))
        cells = [cell.strip() for cell in row.strip("│").split("│")]
        assert cells[1:4] == [f"{chosen['value']:g}", f"{interval['low']:.3f}", f"{interval['high']:.3f}"]
    assert all(f"{figure['value']:.4f}" in shown for figure in metrics["figures"])
    assert f"Calibration: {metrics['calibration']['kind']}; expected calibration error" in shown
    assert "Falls short: 200 rows are few" in shown
    assert f"Written to {folder}: weights.npz, metrics.json, card.md, pictures/." in shown
    for name in ("weights.npz", "metrics.json", "card.md", "pictures"):
        assert (folder / name).exists()


def test_a_model_without_thresholds_has_none_to_show(tmp_path: Path) -> None:
    data = write_csv(tmp_path / "own.csv", labelled_texts(60, ("positive", "negative")))
    shown = run("sentiment", "--data", str(data), "--into", str(tmp_path / "made"))
    assert "thresholds" not in shown
    assert f"Written to {tmp_path / 'made'}: weights.npz, metrics.json, card.md." in shown
    assert not (tmp_path / "made" / "pictures").exists()
