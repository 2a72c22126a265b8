"""Metrics against values worked out by hand and against scikit-learn, folds, calibration, quantization."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from models.forge.calibrate import Calibration, calibrate
from models.forge.folds import FOLDS, stratified
from models.forge.metrics import accuracy, expected_calibration_error, macro_f1
from models.forge.quantize import parity, to_npz
from models.forge.rows import Rows
from models.forge.softmax import Linear, contrasts, count_windows, fit, log_softmax
from tests.generated import labelled_texts

THREE = ("positive", "neutral", "negative")


def generated(count: int, tells_neutral: bool = True) -> Rows:
    texts, names = zip(*labelled_texts(count, THREE), strict=True)
    candidates = np.ones((count, 3), bool)
    candidates[:, 1] = tells_neutral
    targets = np.array([THREE.index(name) for name in names])
    return Rows(THREE, ("generated",), list(texts), targets, np.zeros(count, np.int64), candidates)


def test_accuracy_and_macro_f1() -> None:
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 3, 200)
    probabilities = rng.dirichlet([1, 1, 1], 200)
    predicted = probabilities.argmax(axis=1)
    assert accuracy(targets, probabilities) == pytest.approx((predicted == targets).mean())
    assert macro_f1(targets, probabilities) == pytest.approx(f1_score(targets, predicted, average="macro"))


def test_expected_calibration_error_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1], [0.92, 0.08], [0.6, 0.4], [1.0, 0.0]])
    targets = np.array([0, 1, 0, 0])
    # One bin holds 0.9 and 0.92 (one of two right), one 0.6 (right), the last 1.0 (right).
    assert expected_calibration_error(targets, probabilities) == pytest.approx((0.82 + 0.4 + 0.0) / 4)


def test_folds_are_stratified_and_repeatable() -> None:
    strata = np.repeat([0, 1, 7], [50, 13, 5])
    folds = stratified(strata, seed=3)
    for stratum, size in ((0, 50), (1, 13), (7, 5)):
        counts = np.bincount(folds[strata == stratum], minlength=FOLDS)
        assert counts.sum() == size
        assert counts.max() - counts.min() <= 1
    np.testing.assert_array_equal(folds, stratified(strata, seed=3))
    assert (folds != stratified(strata, seed=4)).any()


@pytest.mark.parametrize("labels", [2, 3, 5])
def test_contrasts_are_orthonormal_and_sum_to_nothing(labels: int) -> None:
    basis = contrasts(labels)
    np.testing.assert_allclose(basis.T @ basis, np.eye(labels - 1), atol=1e-12)
    np.testing.assert_allclose(basis.sum(axis=0), 0, atol=1e-12)
    assert basis[0, 0] == -basis[-1, 0]


def test_fit_learns_and_repeats_itself() -> None:
    rows = generated(300)
    features = count_windows(rows.texts, 4_001)
    model = fit(features, rows, np.ones(300), np.ones((4_001, 2)))
    probabilities = np.exp(log_softmax(model.logits(features)))
    assert accuracy(rows.targets, probabilities) > 0.9
    again = fit(features, rows, np.ones(300), np.ones((4_001, 2)))
    assert again.weights.tobytes() == model.weights.tobytes()


def test_rows_that_do_not_tell_a_label_apart_say_nothing_of_it() -> None:
    rows = generated(300, tells_neutral=False)
    rows = rows.take(np.flatnonzero(rows.targets != 1))
    features = count_windows(rows.texts, 4_001)
    model = fit(features, rows, np.ones(len(rows.texts)), np.ones((4_001, 2)))
    neutral_against_poles = model.weights[:, 1] - model.weights[:, 0] / 2
    np.testing.assert_allclose(neutral_against_poles, 0, atol=1e-12)
    assert np.abs(model.weights[:, 0]).max() > 0.1


def test_calibration_undoes_a_known_distortion() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=2, size=(20_000, 2))
    probabilities = np.exp(log_softmax(logits))
    targets = (rng.random((20_000, 1)) > probabilities.cumsum(axis=1)).sum(axis=1)
    rows = Rows(THREE, ("s",), [""] * 20_000, targets, np.zeros(20_000, np.int64), np.ones((20_000, 3), bool))
    found = calibrate(logits * 3 - 1, rows, np.ones(20_000))
    np.testing.assert_allclose(found.slope, 1 / 3, atol=0.02)
    np.testing.assert_allclose(found.bias, 1 / 3, atol=0.05)
    assert expected_calibration_error(targets, found.probabilities(logits * 3 - 1)) < 0.015


def test_the_stored_model_answers_as_its_parent() -> None:
    rng = np.random.default_rng(0)
    texts = [text for text, _ in labelled_texts(200, THREE)]
    model = Linear(rng.normal(size=(2_003, 2)) * [40, 1e-4], rng.normal(size=2))
    calibration = Calibration(np.array([0.5, 900.0]), np.array([0.1, -0.2]))
    exact = calibration.probabilities(model.logits(count_windows(texts, 2_003)))
    stored = to_npz(model, calibration)
    report = parity(stored, THREE, texts, exact)
    assert report.rows == 200
    assert report.max_probability_difference < 5e-3
    assert report.label_agreement >= 0.995
    assert stored == to_npz(model, calibration)
