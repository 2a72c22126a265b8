"""Thresholds: the arithmetic by hand, what is refused, the interval, and what the manifest gets."""

import json
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score

from models.forge.threshold import bootstrap
from models.forge.threshold.bootstrap import interval
from models.forge.threshold.choose import GRID, choose
from models.forge.threshold.confusion import Confusion
from models.forge.threshold.errors import NoThreshold
from models.forge.threshold.objectives import (
    BestF1,
    BestFBeta,
    LeastCost,
    Objective,
    PrecisionAtRecall,
    objective,
)
from models.forge.threshold.sweep import sweep
from tests.scored_rows import scored_rows

EVERY: tuple[Objective, ...] = (BestF1(), BestFBeta(2.0), LeastCost(5.0, 1.0), PrecisionAtRecall(0.8))
# The predecessor's matrices at 0.50 and at 0.45, rows true and columns predicted: which row is abusive?
AT_HALF, AT_LOWER = ((1602, 163), (181, 1640)), ((1638, 127), (201, 1620))


def abusive_first(matrix: Any) -> Confusion:
    (caught, missed), (alarmed, left) = matrix
    return Confusion(caught, missed, alarmed, left)


def abusive_second(matrix: Any) -> Confusion:
    (left, alarmed), (missed, caught) = matrix
    return Confusion(caught, missed, alarmed, left)


@pytest.mark.parametrize(
    ("reading", "f1"), [(abusive_first, (0.903, 0.909)), (abusive_second, (0.905, 0.908))]
)
def test_the_predecessors_figures_follow_from_its_matrices(reading: Any, f1: tuple[float, float]) -> None:
    half, lower = reading(AT_HALF), reading(AT_LOWER)
    assert half.rows == lower.rows == 3586
    assert (round(half.accuracy, 2), round(lower.accuracy, 2)) == (0.90, 0.91)
    assert (round(half.f1, 3), round(lower.f1, 3)) == f1  # stated: 0.90 and 0.91, so abusive is the first row


def test_the_predecessors_prose_holds_under_one_reading_and_with_other_numbers() -> None:
    half, lower = abusive_first(AT_HALF), abusive_first(AT_LOWER)
    assert lower.true_positive - half.true_positive == 36
    assert lower.false_positive - half.false_positive == 20  # the prose says 38
    half, lower = abusive_second(AT_HALF), abusive_second(AT_LOWER)
    assert lower.true_positive - half.true_positive == -20  # a lower threshold that catches fewer
    assert lower.false_positive - half.false_positive == -36


def test_a_matrix_says_which_count_is_which() -> None:
    assert abusive_first(AT_HALF).named("abusive") == {
        "actual abusive": {"predicted abusive": 1602, "predicted not abusive": 163},
        "actual not abusive": {"predicted abusive": 181, "predicted not abusive": 1640},
    }


def test_a_threshold_by_hand() -> None:
    labels = np.repeat([False, True], 20)
    scores = np.concatenate([np.full(15, 0.1), np.full(5, 0.6), np.full(4, 0.4), np.full(16, 0.8)])
    # Flagged from 0.8: 16 found, 0 false alarms. From 0.6: 16 and 5. From 0.4: 20 and 5. From 0.1: all.
    chosen = {one: choose("x", labels, scores, one) for one in (*EVERY, LeastCost(1.0, 1.0))}
    assert {one.words(): found.value for one, found in chosen.items()} == {
        "best F1": 0.25,  # 40/45, as 32/36 at 0.7: of equals the lower is taken
        "best F-beta, recall weighing 2 times as much as precision": 0.25,
        "least cost, a miss costing 5 and a false alarm 1": 0.25,
        "best precision at a recall of at least 0.8": 0.7,
        "least cost, a miss costing 1 and a false alarm 1": 0.7,
    }


def test_figures_are_those_of_scikit_learn() -> None:
    labels, scores = scored_rows(500)
    found = choose("x", labels, scores, BestF1())
    for value, at in ((found.value, found.at_value), (0.5, found.at_half), *found.table.items()):
        flagged = scores >= value
        (left, alarmed), (missed, caught) = confusion_matrix(labels, flagged)
        assert at == Confusion(caught, missed, alarmed, left)
        assert at.precision == pytest.approx(precision_score(labels, flagged))
        assert at.recall == pytest.approx(recall_score(labels, flagged))
        assert at.f1 == pytest.approx(f1_score(labels, flagged))
        assert at.alerts_per_1000 == pytest.approx(2 * flagged.sum())


def test_where_nothing_is_flagged_there_is_no_precision() -> None:
    at = sweep(*scored_rows(100)).at(1.0)
    assert (at.flagged, at.precision, at.recall, at.f1) == (0, None, 0.0, 0.0)


@pytest.mark.parametrize(
    ("upper", "lower", "value"),
    [
        (0.9, 0.1, 0.5),
        (0.62, 0.6, 0.61),
        (0.500001, 0.5, 0.500001),  # they touch at the six digits of a served score
        (0.500002, 0.5, 0.500001),
        (np.nextafter(0.5, 1), 0.5, np.nextafter(0.5, 1)),  # no number lies between
        (1e-30, 0.0, 1e-30),
    ],
)
def test_the_value_is_short_and_keeps_the_scores_apart(upper: float, lower: float, value: float) -> None:
    swept = sweep(np.repeat([True, False], 20), np.repeat([upper, lower], 20))
    assert swept.value(0) == value
    assert swept.at(swept.value(0)) == Confusion(20, 0, 0, 20)


def test_the_lowest_threshold_flags_every_row() -> None:
    labels = np.tile([True, False], 20)
    for score in (0.0, 0.1234567, 1.0):
        scores = np.full(40, score)
        assert choose("x", labels, scores, BestF1()).at_value == Confusion(20, 0, 20, 0)
    assert sweep(labels, np.full(40, 0.1234567)).value(0) == 0.12


FINE = scored_rows(200)


@pytest.mark.parametrize(
    ("labels", "scores", "words"),
    [
        (FINE[0][:-1], FINE[1], "one score for each label"),
        (FINE[0], np.where(FINE[1] > 0.5, np.nan, FINE[1]), "is nan: scores must be numbers from 0 to 1"),
        (FINE[0], FINE[1] * 2, "from 0 to 1"),
        (FINE[0], -FINE[1], "from 0 to 1"),
        (np.zeros(200, bool), FINE[1], "0 of the 200 rows are positive.*label 20 more"),
        (np.ones(200, bool), FINE[1], "0 of the 200 rows are negative"),
        (np.arange(200) < 19, FINE[1], "19 of the 200.*label 1 more"),
        (np.zeros(0, bool), np.zeros(0), "0 of the 0 rows"),
    ],
)
def test_rows_that_give_no_threshold_are_refused_with_the_fix(labels: Any, scores: Any, words: str) -> None:
    with pytest.raises(NoThreshold, match=words):
        choose("x", labels, scores, BestF1())


def test_costs_at_which_nothing_is_worth_flagging_are_refused() -> None:
    labels, scores = scored_rows(500)
    with pytest.raises(NoThreshold, match=r"Flagging no row at all costs.*exchanged"):
        choose("x", labels, 1 - scores, LeastCost(1.0, 50.0))


@pytest.mark.parametrize(
    ("name", "numbers", "words"),
    [
        ("best", {}, "take best-f1, best-fbeta, least-cost, precision-at-recall"),
        ("best-f1", {"beta": 2.0}, "takes no number; given: beta"),
        ("best-fbeta", {}, "takes beta; given: none"),
        ("least-cost", {"miss": 1.0}, "takes miss, false_alarm"),
        ("best-fbeta", {"beta": 0.0}, "above 0"),
        ("least-cost", {"miss": float("inf"), "false_alarm": 1.0}, "the miss|The miss"),
        ("least-cost", {"miss": 1.0, "false_alarm": -1.0}, "false alarm of least-cost is -1"),
        ("precision-at-recall", {"recall": 0.0}, "up to 1"),
        ("precision-at-recall", {"recall": float("nan")}, "up to 1"),
    ],
)
def test_an_objective_that_says_too_much_or_too_little_is_refused(
    name: str, numbers: dict[str, float], words: str
) -> None:
    with pytest.raises(NoThreshold, match=words):
        objective(name, numbers)


@pytest.mark.parametrize("one", EVERY)
def test_json_has_all_of_it_under_its_name(one: Objective) -> None:
    found = choose("abusive", *scored_rows(400), one)
    document = found.as_dict()
    assert json.loads(json.dumps(document)) == document
    assert objective(document["objective"].pop("name"), document["objective"]) == one
    assert document["value"] == found.value
    assert (document["interval"]["low"], document["interval"]["high"]) == found.interval
    assert [row["threshold"] for row in document["table"]] == list(GRID)
    matrix = document["at_value"]["confusion"]
    assert sum(matrix["actual abusive"].values()) == document["positives"]
    assert sum(sum(row.values()) for row in matrix.values()) == document["rows"] == 400


def test_the_interval_repeats_itself_and_narrows_with_more_rows() -> None:
    widths = []
    for count in (200, 20_000):
        swept = sweep(*scored_rows(count))
        low, high = interval(swept, BestF1(), 0.5)
        assert (low, high) == interval(swept, BestF1(), 0.5)
        assert low <= 0.5 <= high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_the_interval_is_that_of_rows_drawn_one_by_one() -> None:
    labels, scores = scored_rows(600)
    low, high = interval(sweep(labels, scores), LeastCost(5.0, 1.0), 0.4)
    random, values = np.random.default_rng(5), []
    kinds = [np.flatnonzero(labels == kind) for kind in (False, True)]
    for _ in range(1_000):
        drawn = np.concatenate([random.choice(kind, len(kind)) for kind in kinds])
        swept = sweep(labels[drawn], scores[drawn])
        values.append(swept.value(int(bootstrap.best(LeastCost(5.0, 1.0).merit(swept.counts)))))
    assert [low, high] == pytest.approx(np.quantile(values, [0.025, 0.975]), abs=0.03)


def test_cells_change_the_interval_by_little(monkeypatch: pytest.MonkeyPatch) -> None:
    swept = sweep(*scored_rows(1_900))
    exact = interval(swept, BestF1(), 0.5)
    monkeypatch.setattr(bootstrap, "CELLS_MAX_COUNT", 400)
    assert interval(swept, BestF1(), 0.5) == pytest.approx(exact, abs=0.02)
