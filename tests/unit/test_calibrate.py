"""Calibration: what each kind undoes, which is taken, and the scores by which it is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.forge.calibrate import Isotonic, Platt, among, brier, calibrate, ece
from models.forge.metrics import expected_calibration_error
from models.forge.rows import Rows
from models.forge.softmax import log_softmax
from tests.generated import rows_of

THREE = ("hate", "offensive", "benign")
ALARM = (True, True, False)
Floats = NDArray[np.float64]


def drawn(logits: Floats, seed: int = 1) -> tuple[Rows, Floats]:
    """Rows that are of each label as often as the logits say, and those probabilities."""
    probabilities = np.exp(log_softmax(logits))
    random = np.random.default_rng(seed).random((len(logits), 1))
    targets = (random > probabilities.cumsum(axis=1)).sum(axis=1)
    return rows_of(("one", "two", "three")[: probabilities.shape[1]], targets), probabilities


def test_platt_undoes_a_known_distortion() -> None:
    logits = np.random.default_rng(0).normal(scale=2, size=(20_000, 2))
    rows, _ = drawn(logits)
    found = calibrate(logits * 3 - 1, rows, np.ones(20_000))
    platt = found.calibration
    assert isinstance(platt, Platt)
    np.testing.assert_allclose(platt.slope, 1 / 3, atol=0.02)
    np.testing.assert_allclose(platt.bias, 1 / 3, atol=0.05)
    after = expected_calibration_error(rows.targets, platt.probabilities(logits * 3 - 1))
    assert after < 0.015
    assert found.ece_before > 0.05 > 0.015 > found.ece_after
    assert found.as_dict()["kind"] == "platt"


def test_isotonic_undoes_what_rises_and_is_no_line() -> None:
    random = np.random.default_rng(0)
    shares = random.uniform(0.02, 0.98, 20_000)
    rows, exact = drawn(np.log(shares / (1 - shares))[:, np.newaxis])
    bent = np.where(shares < 0.5, shares / 10, 0.05 + (shares - 0.5) * 1.9 * 0.999)  # half of them below 0.05
    found = calibrate(np.log(bent / (1 - bent))[:, np.newaxis], rows, np.ones(20_000))
    assert isinstance(found.calibration, Isotonic)
    assert found.brier["isotonic"] < found.brier["platt"]
    undone = found.calibration.probabilities(np.log(bent / (1 - bent))[:, np.newaxis])
    assert np.abs(undone - exact).mean() < 0.02
    assert found.ece_after < 0.02 < found.ece_before


def test_the_brier_score_by_hand() -> None:
    rows = rows_of(THREE, [0, 3, 2], candidates=[[True] * 3, [True] * 3, [True, False, True]], alarm=ALARM)
    probabilities = np.array([[0.5, 0.3, 0.2], [0.3, 0.4, 0.3], [0.1, 0.5, 0.4]])
    scores = [
        0.5**2 + 0.3**2 + 0.2**2,
        0.3**2 + 0.3**2,  # hate or offensive, together 0.7
        0.2**2 + 0.2**2,  # of hate and benign alone, 0.2 and 0.8
    ]
    assert brier(rows, probabilities, np.ones(3)) == pytest.approx(np.mean(scores))
    assert brier(rows, probabilities, np.array([1.0, 0, 2])) == pytest.approx((scores[0] + 2 * scores[2]) / 3)


def test_calibration_error_is_that_of_rows_of_a_known_label() -> None:
    rows = rows_of(THREE, [0, 3, 2], alarm=ALARM)
    probabilities = np.array([[0.9, 0.1, 0.0], [0.2, 0.2, 0.6], [0.0, 0.4, 0.6]])
    assert ece(rows, probabilities) == pytest.approx((0.1 + 0.4) / 2)


def test_where_no_label_is_left_those_that_are_told_apart_share() -> None:
    rows = rows_of(THREE, [0, 2], candidates=[[True, False, True], [True, True, True]])
    probabilities = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    assert among(rows, probabilities).tolist() == [[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]
    lines = np.array([[[0.9, 1.0], [0.0, 1.0]]] * 3)
    np.testing.assert_allclose(Isotonic(lines).probabilities(np.zeros((1, 2))), 1 / 3)


def test_rows_of_which_none_tells_a_label_from_all_others_calibrate_the_rest() -> None:
    logits = np.random.default_rng(0).normal(size=(400, 2))
    targets = np.tile([0, 2, 0, 1], 100)
    candidates = np.tile([[True, False, True]] * 2 + [[True, True, False]] * 2, (100, 1))
    rows = rows_of(("one", "two", "three"), targets, candidates=candidates)
    found = calibrate(logits, rows, np.ones(400))
    assert np.isfinite(list(found.brier.values())).all()
    np.testing.assert_allclose(
        Isotonic.fit(logits, rows, np.ones(400)).probabilities(logits), np.exp(log_softmax(logits))
    )


def test_rows_that_are_known_by_the_alarm_alone_move_the_alarm() -> None:
    logits = np.tile([[1.0, 1.0]], (200, 1))
    rows = rows_of(THREE, np.repeat([3, 2], 100), alarm=ALARM)
    found = Platt.fit(logits, rows, np.ones(200)).probabilities(logits[:1])[0]
    assert found[:2].sum() == pytest.approx(0.5, abs=1e-3)
    assert found[0] == pytest.approx(found[1])


def test_lines_rise_within_nought_and_one() -> None:
    logits = np.random.default_rng(0).normal(size=(500, 2)).round(1)  # many are equal
    rows, _ = drawn(logits)
    lines = Isotonic.fit(logits, rows, np.ones(500)).lines
    assert (np.diff(lines[:, 0]) > 0).all()
    assert (np.diff(lines[:, 1]) >= 0).all()
    assert lines[:, 1].min() >= 0
    assert lines[:, 1].max() <= 1
