"""Metrics against values worked out by hand and against scikit-learn, folds, quantization."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score

from coldframe.linear import FEATURES
from models.forge.calibrate import Calibration, Isotonic, Platt
from models.forge.folds import FOLDS, stratified
from models.forge.metrics import binary_ece, expected_calibration_error, f1, label_f1
from models.forge.quantize import parity, to_npz
from models.forge.softmax import Linear, count_windows
from tests import made
from tests.generated import labelled_texts

THREE = ("positive", "neutral", "negative")


def test_f1_of_labels_and_of_flags() -> None:
    rng = np.random.default_rng(0)
    targets, predicted = rng.integers(0, 3, (2, 200))
    of_labels = f1_score(targets, predicted, average=None)
    assert label_f1(targets, predicted, np.arange(3)) == pytest.approx(of_labels)
    assert label_f1(targets, predicted, np.array([2, 0])) == pytest.approx(of_labels[[2, 0]])
    assert f1(targets == 1, predicted == 1) == pytest.approx(of_labels[1])
    assert f1(np.zeros(3, bool), np.zeros(3, bool)) == 0


def test_calibration_error_of_flags_by_hand() -> None:
    # One bin holds 0.1 and 0.12 (one of two is so), the last one 1.0 (is so).
    truth, scores = np.array([True, False, True]), np.array([0.1, 0.12, 1.0])
    assert binary_ece(truth, scores) == pytest.approx((1 - 0.22) / 3)


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


LINES = np.stack([[[0.0, 0.3, 1.0], [0.0, share, 1.0]] for share in (0.2, 0.3, 0.4)])


@pytest.mark.parametrize("features", FEATURES)
@pytest.mark.parametrize(
    "calibration",
    [Platt(np.array([1.0, 900.0]), np.array([0.1, -0.2])), Isotonic(LINES)],
    ids=lambda calibration: calibration.kind,
)
def test_the_stored_model_answers_as_its_parent(calibration: Calibration, features: str) -> None:
    rng = np.random.default_rng(0)
    texts = [text for text, _ in labelled_texts(200, THREE)]
    model = Linear(rng.normal(size=(2_003, 2)) * [20, 1e-4], rng.normal(size=2))
    exact = calibration.probabilities(model.logits(count_windows(texts, FEATURES[features], 2_003)))
    stored = to_npz(model, calibration)
    manifest = replace(made.manifest("v1.0.0", stored), features=features, calibration=calibration.kind)
    report = parity(stored, manifest, texts, exact)
    assert report.rows == 200
    assert report.max_probability_difference < 5e-3
    assert report.label_agreement >= 0.995
    assert stored == to_npz(model, calibration)
