"""The sentiment recipe on generated rows: what it writes, and that it repeats itself."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from coldframe import ngrams
from coldframe.linear import LinearText
from models.forge import linear_text
from models.forge.csv_file import UnusableRows
from models.forge.folder import UnusableFolder
from models.forge.linear_text import Trained
from models.forge.rows import read_rows
from models.sentiment.recipe import FOLDER, RECIPE, read_checks
from tests.generated import labelled_texts, write_csv

TWO, THREE = ("positive", "negative"), RECIPE.labels
SMALL = replace(RECIPE, buckets=5_003)  # trains in a second; nothing else about it differs


def train(data: Path, folder: Path, cv: bool = False) -> tuple[Trained, list[tuple[str, int, int]]]:
    steps: list[tuple[str, int, int]] = []
    trained = linear_text.train(SMALL, data, cv=cv, progress=lambda *step: steps.append(step), folder=folder)
    return trained, steps


def test_three_labels_measured(tmp_path: Path) -> None:
    write_csv(tmp_path / "two.csv", labelled_texts(100, TWO, seed=1))
    write_csv(tmp_path / "three.csv", labelled_texts(150, THREE, seed=2))
    trained, steps = train(tmp_path, tmp_path / "out", cv=True)
    assert trained.labels == THREE
    values = {(figure.dataset, figure.metric): figure.value for figure in trained.figures}
    assert {name for name, _ in values} == {"two", "three"}
    assert values["two", "accuracy"] > 0.8
    assert values["three", "macro_f1"] > 0.8
    assert trained.parity.max_probability_difference < 5e-3
    assert steps[-1] == ("model", 1, 1)
    assert ("calibration", 10, 10) in steps

    stored = (tmp_path / "out" / "weights.npz").read_bytes()
    assert len(stored) == trained.weights_bytes
    model = LinearText.open(stored, trained.labels, calibration=trained.calibration.calibration.kind)
    rows = model.predict(["最高の商品", "最低の商品"])
    assert rows.argmax(axis=1).tolist() == [0, 2]

    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert {figure["terms"] for figure in metrics["figures"]} == {"the trainer's own rows"}
    card = (tmp_path / "out" / "card.md").read_text(encoding="utf-8")
    assert f"| three | macro_f1 | {values['three', 'macro_f1']:.4f} | 150 |" in card


def test_two_labels_unmeasured_and_the_same_bytes_again(tmp_path: Path) -> None:
    own = write_csv(tmp_path / "own.csv", labelled_texts(100, TWO))
    trained, _ = train(own, tmp_path / "one")
    assert trained.labels == TWO
    assert trained.figures == []
    assert "without `--cv`" in (tmp_path / "one" / "card.md").read_text(encoding="utf-8")
    train(own, tmp_path / "two")
    for name in ("weights.npz", "metrics.json", "card.md"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_no_csv_there(tmp_path: Path) -> None:
    with pytest.raises(UnusableRows, match="no CSV file there"):
        train(tmp_path, tmp_path / "out")


def test_data_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(UnusableRows, match="rows does not exist"):
        train(tmp_path / "rows", tmp_path / "out")


def test_a_folder_that_cannot_be_written_to_fails_before_the_rows_are_read(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    for folder in (taken, taken / "below"):
        with pytest.raises(UnusableFolder, match=f"{folder} is a file or lies below one: name a folder"):
            train(tmp_path / "no rows", folder)
    with pytest.raises(UnusableFolder, match=r"/proc/none cannot be written to .*name another folder"):
        train(tmp_path / "no rows", Path("/proc/none"))
    with pytest.raises(UnusableFolder, match="/proc cannot be written to"):
        train(tmp_path / "no rows", Path("/proc"))


def test_neutral_in_other_words(tmp_path: Path) -> None:
    words = ("普通", "中立", "ニュートラル", "Neutral")
    texts = labelled_texts(150, THREE)
    named = [
        (text, words[place % 4] if label == "neutral" else label) for place, (text, label) in enumerate(texts)
    ]
    own = write_csv(tmp_path / "own.csv", named)
    rows = read_rows([own], THREE, RECIPE.names, 1_000, {}, RECIPE.extra)
    assert [rows.labels[target] for target in rows.targets[:150]] == [label for _, label in texts]


def test_the_card_says_of_other_rows_no_more_than_is_known(tmp_path: Path) -> None:
    write_csv(tmp_path / "own.csv", labelled_texts(100, TWO))
    trained, _ = train(tmp_path, tmp_path / "out")
    card = (tmp_path / "out" / "card.md").read_text(encoding="utf-8")
    assert (
        f"Labels positive, negative; fitted to {trained.rows:,} rows; {trained.weights_bytes:,} bytes."
        in card
    )
    assert "Not studied" in card
    for said_of_the_shipped in ("All 47", "8,296", "hotel", "about thirty settings", "62%", "0.96"):
        assert said_of_the_shipped not in card
    assert card.count("## What it is bad at") == 1
    assert "## Retrain on your own rows" in card


def test_the_card_of_the_shipped_rows_keeps_what_was_studied(tmp_path: Path) -> None:
    for seed, name in enumerate(RECIPE.terms):
        write_csv(tmp_path / f"{name}.csv", labelled_texts(60, THREE, seed=seed))
    train(tmp_path, tmp_path / "out")
    card = (tmp_path / "out" / "card.md").read_text(encoding="utf-8")
    assert "All 47 come out right" in card
    assert "Not studied" not in card


def test_the_shipped_card_is_one_that_training_wrote() -> None:
    card = (FOLDER / "card.md").read_text(encoding="utf-8")
    metrics = json.loads((FOLDER / "metrics.json").read_text(encoding="utf-8"))
    size = (FOLDER / "weights.npz").stat().st_size
    assert f"fitted to {metrics['rows']:,} rows; {size:,} bytes." in card


def test_a_missing_pole(tmp_path: Path) -> None:
    own = write_csv(tmp_path / "own.csv", labelled_texts(100, ("positive", "neutral")))
    with pytest.raises(UnusableRows, match="No row is 'negative'"):
        train(own, tmp_path / "out")


def test_the_shipped_model_passes_its_checks() -> None:
    metrics = json.loads((FOLDER / "metrics.json").read_text(encoding="utf-8"))
    stored = (FOLDER / "weights.npz").read_bytes()
    assert len(stored) <= 1_000_000
    checks = read_checks()
    calibration = metrics.get("calibration", {"kind": "platt"})["kind"]
    model = LinearText.open(stored, metrics["labels"], calibration=calibration)
    rows = model.predict([text for text, _ in checks])
    got = [metrics["labels"][place] for place in rows.argmax(axis=1)]
    missed = [text for (text, label), found in zip(checks, got, strict=True) if found != label]
    assert not {"この商品は素晴らしいです！", "最悪の商品でした", "普通の商品だと思います"} & set(missed)
    assert len(missed) <= 0.1 * len(checks), missed


def test_no_check_is_trained_on() -> None:
    phrases = (FOLDER / "phrases.csv").read_text(encoding="utf-8").splitlines()
    trained_on = {ngrams.normalize(line.rpartition(",")[0]) for line in phrases}
    assert not trained_on & {ngrams.normalize(text) for text, _ in read_checks()}
