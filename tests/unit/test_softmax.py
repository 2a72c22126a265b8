"""The fit: contrasts, gradient, penalty, and what rows say that are known as one of several labels."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

from coldframe.linear import FEATURES
from models.forge.rows import Rows
from models.forge.softmax import (
    _Objective,
    contrasts,
    count_windows,
    fit,
    log_softmax,
    penalty_scale,
)
from tests.generated import labelled_texts, rows_of

THREE = ("positive", "neutral", "negative")
BUCKETS = 4_001
ONES = np.ones((BUCKETS, 2))


def generated(count: int, tells_neutral: bool = True) -> Rows:
    texts, names = zip(*labelled_texts(count, THREE), strict=True)
    targets = [THREE.index(name) for name in names]
    return rows_of(THREE, targets, candidates=[True, tells_neutral, True], texts=texts)


def counted(rows: Rows) -> sp.csr_array:
    return count_windows(rows.texts, FEATURES["characters"], BUCKETS)


@pytest.mark.parametrize(
    ("labels", "alarm"), [(2, []), (3, []), (5, []), (3, [0, 1]), (3, [2]), (5, [1, 3]), (5, [0, 1, 2, 4])]
)
def test_contrasts_are_orthonormal_and_sum_to_nothing(labels: int, alarm: list[int]) -> None:
    basis = contrasts(labels, alarm)
    np.testing.assert_allclose(basis.T @ basis, np.eye(labels - 1), atol=1e-12)
    np.testing.assert_allclose(basis.sum(axis=0), 0, atol=1e-12)
    if alarm:
        inside = np.isin(np.arange(labels), alarm)
        assert len(set(basis[inside, 0])) == len(set(basis[~inside, 0])) == 1
        assert basis[inside, 0].min() > 0 > basis[~inside, 0].max()
        assert not ((basis[:, 1:] != 0)[inside].any(axis=0) & (basis[:, 1:] != 0)[~inside].any(axis=0)).any()
    else:
        assert basis[0, 0] == -basis[-1, 0]


@pytest.mark.parametrize("features", FEATURES)
def test_windows_are_counted_by_text(features: str) -> None:
    texts = ["no no no", "", "hello there"]
    found = count_windows(texts, FEATURES[features], 97).toarray()
    for row, text in zip(found, texts, strict=True):
        batches = FEATURES[features]([text])
        places = sum(int(batch.marks[1] - batch.marks[0]) for batch in batches)
        windows = sum(int(batch.marks[1] - batch.marks[0]) * len(batch.orders) for batch in batches)
        assert row.sum() * np.sqrt(places) == pytest.approx(windows)
        np.testing.assert_allclose(row, count_windows([text], FEATURES[features], 97).toarray()[0])


def test_fit_learns_and_repeats_itself() -> None:
    rows = generated(300)
    features = counted(rows)
    model = fit(features, rows, np.ones(300), ONES, contrasts(3))
    predicted = log_softmax(model.logits(features)).argmax(axis=1)
    assert (predicted == rows.targets).mean() > 0.9
    again = fit(features, rows, np.ones(300), ONES, contrasts(3))
    assert again.weights.tobytes() == model.weights.tobytes()


def test_rows_that_do_not_tell_a_label_apart_say_nothing_of_it() -> None:
    rows = generated(300, tells_neutral=False)
    rows = rows.take(np.flatnonzero(rows.targets != 1))
    model = fit(counted(rows), rows, np.ones(len(rows.texts)), ONES, contrasts(3))
    neutral_against_poles = model.weights[:, 1] - model.weights[:, 0] / 2
    np.testing.assert_allclose(neutral_against_poles, 0, atol=1e-12)
    assert np.abs(model.weights[:, 0]).max() > 0.1


def test_rows_that_are_known_by_the_alarm_alone_teach_the_alarm_and_nothing_between_its_labels() -> None:
    rows = generated(300)
    alarmed = rows_of(THREE, np.where(rows.targets == 2, 2, 3), alarm=[True, True, False], texts=rows.texts)
    features = counted(rows)
    model = fit(features, alarmed, np.ones(300), ONES, contrasts(3, [0, 1]))
    np.testing.assert_allclose(model.weights[:, 0], model.weights[:, 1], atol=1e-12)
    np.testing.assert_allclose(model.bias[0], model.bias[1], atol=1e-12)
    raised = np.exp(log_softmax(model.logits(features)))[:, :2].sum(axis=1) > 0.5
    assert (raised == (rows.targets != 2)).mean() > 0.9


def mixed_rows() -> Rows:
    """Rows of a label, of the alarm, and of a source that knows two labels."""
    random = np.random.default_rng(3)
    targets = random.integers(0, 4, 30)
    candidates = np.ones((30, 3), bool)
    candidates[targets == 2, 1] = random.random((targets == 2).sum()) < 0.5
    return rows_of(THREE, targets, candidates=candidates, alarm=[True, True, False])


@pytest.mark.parametrize("alarm", [[], [0, 1]])
def test_the_gradient_is_that_of_finite_differences(alarm: list[int]) -> None:
    random = np.random.default_rng(0)
    rows = mixed_rows()
    features = sp.csr_array(random.random((30, 5)) * (random.random((30, 5)) < 0.6))
    scale = random.uniform(0.5, 2.0, (5, 2))
    objective = _Objective(features, rows, random.uniform(0.5, 2, 30), scale, contrasts(3, alarm))
    # Sums are in float32 there, so a step is long enough to be seen, and the rest is within float32's digits.
    for _ in range(5):
        point = random.normal(size=12)
        steps = np.eye(12) * 1e-2
        slopes = [(objective(point + step)[0] - objective(point - step)[0]) / 2e-2 for step in steps]
        np.testing.assert_allclose(objective(point)[1], slopes, rtol=0.01, atol=1e-2)


def by_hand(
    document_shares: list[float], ratios: list[float], freedom: tuple[float, float]
) -> NDArray[np.float64]:
    for_all, by_ratio = freedom
    return (for_all + by_ratio * np.array(ratios)) * np.log(document_shares)


def test_the_penalty_by_hand() -> None:
    # Three buckets in four rows: the first in all, the second in the first row, the third in the last two.
    features = sp.csr_array(np.array([[2.0, 1, 0], [1, 0, 0], [1, 0, 3], [0.5, 0, 1]]))
    rows = rows_of(THREE, [0, 3, 2, 1], alarm=[True, True, False])
    scale = penalty_scale(features, rows, contrasts(3, [0, 1]), [(0.5, 1.0), (0.25, 2.0)])
    rarity = [5 / 5, 5 / 2, 5 / 3]
    # The alarm's rows against the third: 1 + (3, 1, 1) and 1 + (1, 0, 1).
    alarm = np.abs(np.log([4 / 8, 2 / 8, 2 / 8]) - np.log([2 / 5, 1 / 5, 2 / 5]))
    # The first row against the last; the second is either: 1 + (1, 1, 0) and 1 + (1, 0, 1).
    apart = np.abs(np.log([2 / 5, 2 / 5, 1 / 5]) - np.log([2 / 5, 1 / 5, 2 / 5]))
    np.testing.assert_allclose(scale[:, 0], by_hand(rarity, alarm.tolist(), (0.5, 1.0)), atol=1e-12)
    np.testing.assert_allclose(scale[:, 1], by_hand(rarity, apart.tolist(), (0.25, 2.0)), atol=1e-12)
