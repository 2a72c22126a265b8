"""Figures of each source, by hand and against scikit-learn."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from models.forge.decide import Decided
from models.forge.figures import OWN_ROWS, SPLIT, figures
from models.forge.rows import Rows
from tests.generated import rows_of

LABELS = ("hate", "offensive", "benign")
ALARM = (True, True, False)


def decided_at_random(count: int, seed: int) -> Decided:
    random = np.random.default_rng(seed)
    return Decided(
        random.dirichlet([1, 1, 1], count),
        random.integers(0, 3, count),
        {name: random.random(count) < 0.4 for name in ("abusive", "hate")},
    )


def values(rows: Rows, decided: Decided, alarm: str | None = "abusive") -> dict[str, float]:
    return {one.metric: one.value for one in figures(rows, decided, alarm, rows.source_names, {})}


@pytest.mark.parametrize("seed", range(3))
def test_rows_of_three_labels_are_measured_as_scikit_learn_does(seed: int) -> None:
    targets = np.random.default_rng(seed + 50).integers(0, 3, 300)
    decided = decided_at_random(300, seed)
    found = values(rows_of(LABELS, targets, alarm=ALARM), decided)
    abusive, raised, hate = targets < 2, decided.reached["abusive"], decided.reached["hate"]
    gaps = found.pop("ece_15_bins"), found.pop("abusive ece_15_bins")
    assert all(0 < gap < 1 for gap in gaps)
    assert found == pytest.approx(
        {
            "accuracy": accuracy_score(targets, decided.predicted),
            "macro_f1": f1_score(targets, decided.predicted, average="macro"),
            "weighted_f1": f1_score(targets, decided.predicted, average="weighted"),
            "abusive f1": f1_score(abusive, raised),
            "abusive macro_f1": f1_score(abusive, raised, average="macro"),
            "hate recall": recall_score(targets == 0, hate),
            "hate precision": precision_score(targets == 0, hate),
        },
        abs=5e-5,
    )


def test_rows_that_are_known_by_the_alarm_are_measured_on_the_alarm_alone() -> None:
    rows = rows_of(LABELS, [3, 3, 2, 2], alarm=ALARM)
    decided = Decided(
        np.array([[0.5, 0.4, 0.1], [0.2, 0.1, 0.7], [0.1, 0.1, 0.8], [0.3, 0.4, 0.3]]),
        np.array([0, 2, 2, 1]),
        {"abusive": np.array([True, False, False, True]), "hate": np.array([True, False, False, False])},
    )
    # Scores 0.9 and 0.3 of those that are, 0.2 and 0.7 of those that are not; of each two one is raised.
    assert values(rows, decided) == {
        "abusive f1": 0.5,
        "abusive macro_f1": 0.5,
        "abusive ece_15_bins": pytest.approx((0.1 + 0.7 + 0.2 + 0.7) / 4),
    }


def test_a_label_that_a_source_does_not_know_is_neither_right_nor_wrong_there() -> None:
    rows = rows_of(LABELS, [0, 2, 2, 0], candidates=[True, False, True])
    probabilities = np.array([[0.3, 0.5, 0.2], [0.1, 0.8, 0.1], [0.1, 0.2, 0.7], [0.2, 0.3, 0.5]])
    found = values(rows, Decided(probabilities, np.array([1, 1, 2, 2]), {}), alarm=None)
    # hate and benign apart: 0.6 right, 0.5 wrong (the first of two alike), 0.875 right, 5/7 wrong
    assert found["accuracy"] == 0.5
    assert found["macro_f1"] == found["weighted_f1"] == 0.5
    assert found["ece_15_bins"] == pytest.approx((0.4 + 0.5 + 0.125 + 5 / 7) / 4, abs=5e-5)


def test_each_source_has_its_own_rows_and_terms_and_only_those_asked_for() -> None:
    rows = replace(
        rows_of(LABELS, [0, 1, 2, 2, 0, 1]),
        source_names=("tweets", "extra", "own"),
        sources=np.array([0, 0, 0, 1, 2, 2]),
    )
    decided = Decided(np.eye(3)[[0, 1, 2, 2, 1, 1]], np.array([0, 1, 2, 2, 1, 1]), {})
    found = figures(rows, decided, None, ["tweets", "own"], {"tweets": "MIT"})
    assert {(one.dataset, one.rows, one.terms, one.split) for one in found} == {
        ("tweets", 3, "MIT", SPLIT),
        ("own", 2, OWN_ROWS, SPLIT),
    }
    accuracies = {one.dataset: one.value for one in found if one.metric == "accuracy"}
    assert accuracies == {"tweets": 1.0, "own": 0.5}
