"""The moderation recipe on generated rows: from files to a version that answers."""

import json
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from coldframe.loading import Stopwatch, load
from models.forge import linear_text
from models.forge.csv_file import UnusableRows
from models.forge.linear_text import Trained
from models.forge.publish import publish
from models.forge.version import read_version
from models.moderation.recipe import RECIPE
from tests import made
from tests.generated import english_texts, write_csv

SMALL = replace(RECIPE, buckets=5_003)  # trains in seconds; nothing else about it differs
PICTURES = ("objective", "precision-recall", "reliability", "scores")


class Made(NamedTuple):
    data: Path
    folder: Path
    trained: Trained


def train(data: Path, folder: Path, cv: bool = False) -> Trained:
    return linear_text.train(SMALL, data, cv=cv, progress=lambda *step: None, folder=folder)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Rows of three labels, and rows of which only the alarm is known."""
    data, folder = tmp_path_factory.mktemp("rows"), tmp_path_factory.mktemp("made")
    write_csv(data / "tweets.csv", english_texts(300, RECIPE.labels, seed=1))
    write_csv(data / "turns.csv", english_texts(100, ("abusive", "benign"), seed=2))
    return Made(data, folder, train(data, folder, cv=True))


def test_what_is_written(measured: Made) -> None:
    written = {path.relative_to(measured.folder).as_posix() for path in measured.folder.rglob("*.*")}
    names = RECIPE.objectives
    assert written == {"weights.npz", "metrics.json", "card.md"} | {
        f"pictures/{name}.{picture}.svg" for name in names for picture in PICTURES
    }
    metrics = json.loads((measured.folder / "metrics.json").read_text("utf-8"))
    assert set(metrics["thresholds"]) == set(names)
    for name, chosen in metrics["thresholds"].items():
        assert chosen["name"] == name
        assert chosen["interval"]["low"] <= chosen["value"] <= chosen["interval"]["high"]
    # The rows that are known by the alarm alone choose its threshold, and no label's.
    assert {name: chosen["rows"] for name, chosen in metrics["thresholds"].items()} == {
        "abusive": 400,
        "hate": 350,
        "offensive": 350,
    }
    assert set(metrics["calibration"]["brier"]) == {"platt", "isotonic"}
    assert metrics["calibration"]["kind"] == min(
        metrics["calibration"]["brier"], key=metrics["calibration"]["brier"].__getitem__
    )


def test_each_source_is_measured_on_what_it_knows(measured: Made) -> None:
    found = {(one.dataset, one.metric): one.value for one in measured.trained.figures}
    assert found["tweets", "weighted_f1"] > 0.8
    assert found["turns", "abusive macro_f1"] > 0.8
    assert ("tweets", "hate recall") in found
    assert {metric for dataset, metric in found if dataset == "turns"} == {
        "abusive f1",
        "abusive macro_f1",
        "abusive ece_15_bins",
    }


def test_every_part_of_the_card_is_filled(measured: Made) -> None:
    card = (measured.folder / "card.md").read_text("utf-8")
    for said in (
        "tweets: MIT",
        "turns: the trainer's own rows",
        "fitted to 400 rows",
        "| tweets | weighted_f1 |",
        "Calibration: ",
        "Against its float64 parent",
        "predicted not abusive",
        "Not studied",
    ):
        assert said in card
    for name, threshold in measured.trained.thresholds.items():
        assert f"### {name}: {threshold.value:g}" in card
        assert all(f"(pictures/{name}.{picture}.svg)" in card for picture in PICTURES)


def test_the_same_rows_give_the_same_bytes(measured: Made, tmp_path: Path) -> None:
    train(measured.data, tmp_path, cv=True)
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.*"))
    assert files == sorted(path.relative_to(measured.folder) for path in measured.folder.rglob("*.*"))
    for file in files:
        assert (tmp_path / file).read_bytes() == (measured.folder / file).read_bytes(), file


def test_what_was_trained_is_published_and_answers(measured: Made) -> None:
    version = read_version("moderation", measured.folder, "v3.2.1")
    assert version.manifest.thresholds["abusive"]["value"] == measured.trained.thresholds["abusive"].value
    assert version.manifest.text_max_chars == 10_000
    store = made.memory_store()
    target = publish(store, version.manifest, version.files, made.NOTE)
    classifier = load(store, "moderation", target, Stopwatch()).predictor
    texts = ["the baker is so glorpish", "the driver is never a f.i.z.z.a.r.d", "a t1dy and gentle gardener"]
    answers = classifier.predict(texts)
    assert [answer["label"] for answer in answers] == ["hate", "offensive", "benign"]
    assert [answer["risk_level"] for answer in answers][1:] == ["MEDIUM", "LOW"]
    assert [answer["recommended_action"] for answer in answers][1:] == ["REVIEW", "ALLOW"]
    for answer in answers:
        assert answer["threshold"] == measured.trained.thresholds["abusive"].value
        assert answer["model_version"] == "v3.2.1"
        np.testing.assert_allclose(sum(answer["scores"].values()), 1, atol=2e-6)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            ("offensive", "benign"),
            "No row is 'hate': rows of each of these are needed: hate, offensive, benign",
        ),
        (("hate", "offensive"), "No row is 'benign'"),
        (("hate", "benign", "abusive"), "No row is 'offensive'"),
        (
            ("abusive", "benign"),
            "two labels or more of hate, offensive, benign are needed, and all usable rows are abusive or",
        ),
    ],
)
def test_a_missing_label_is_refused_with_the_fix(
    labels: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    write_csv(tmp_path / "own.csv", english_texts(90, labels))
    with pytest.raises(UnusableRows, match=message):
        train(tmp_path, tmp_path / "made")
    assert not list((tmp_path / "made").iterdir())
