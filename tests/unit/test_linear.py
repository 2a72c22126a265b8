"""The linear text predictor against its definition, its bounds, and what it refuses."""

import io
import math
import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from coldframe import limits, ngrams
from coldframe.errors import MalformedArtifact
from coldframe.linear import FEATURES, LinearText

THREE = ["positive", "negative", "neutral"]
TEXTS = ["良い商品です", "最悪", "", "普通 かな", "\ud83d\x00", "ok! OK!", "良い" * 30_000]


def arrays(columns: int, buckets: int = 997) -> dict[str, NDArray[np.generic]]:
    rng = np.random.default_rng(columns)
    return {
        "weights": rng.normal(size=(buckets, columns)).astype(np.float16),
        "slope": rng.uniform(0.5, 2.0, columns),
        "bias": rng.normal(size=columns),
    }


def stored(**changed: NDArray[np.generic]) -> bytes:
    file = io.BytesIO()
    np.savez(file, **{**arrays(2), **changed})  # type: ignore[arg-type]
    return file.getvalue()


def defined(text: str, columns: int) -> list[float]:
    """The probabilities of one text, in plain Python, window by window."""
    model = arrays(columns)
    codes, marks, orders = ngrams.encode([text])
    windows = ngrams.buckets(codes, orders, len(model["weights"]))
    logits = []
    for column in range(columns):
        total = math.fsum(float(model["weights"][bucket, column]) for bucket in windows.ravel())
        logits.append(total / math.sqrt(marks[1]) * model["slope"][column] + model["bias"][column])
    parts = [math.exp(logit) for logit in [*logits, 0.0]]
    return [part / math.fsum(parts) for part in parts]


@pytest.mark.parametrize("columns", [1, 2, 4])
def test_predict_is_the_softmax_of_its_definition(columns: int) -> None:
    labels = [str(number) for number in range(columns + 1)]
    model = LinearText.open(stored(**arrays(columns)), labels)
    got = model.predict(TEXTS)
    assert got.shape == (len(TEXTS), columns + 1)
    np.testing.assert_allclose(got, [defined(text, columns) for text in TEXTS], rtol=1e-9)
    np.testing.assert_allclose(got.sum(axis=1), 1.0, rtol=1e-15)


def test_two_labels_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("良悪普通商品です"), 12)) for _ in range(60)]
    counts = np.zeros((len(texts), 499))
    for row, text in enumerate(texts):
        codes, marks, orders = ngrams.encode([text])
        np.add.at(counts[row], ngrams.buckets(codes, orders, 499).ravel(), 1 / math.sqrt(marks[1]))
    target = np.array(["良" in text for text in texts])
    theirs = LogisticRegression().fit(counts, target)
    weights = theirs.coef_.T.astype(np.float16)
    ours = LinearText(weights, np.ones(1), theirs.intercept_).predict(texts)
    np.testing.assert_allclose(ours[:, 0], theirs.predict_proba(counts)[:, 1], atol=5e-3)


def test_no_texts() -> None:
    assert LinearText.open(stored(), THREE).predict([]).shape == (0, 3)


def test_extreme_weights_still_give_probabilities() -> None:
    extreme = LinearText(np.full((5, 1), 31.0, np.float16), np.array([1e6]), np.array([0.0]))
    assert extreme.predict(["良い"]).tolist() == [[1.0, pytest.approx(0.0)]]
    extreme = LinearText(np.full((5, 1), -31.0, np.float16), np.array([1e6]), np.array([0.0]))
    assert extreme.predict(["良い"]).tolist() == [[0.0, 1.0]]


def test_identical_bits_alone_among_ten_thousand_and_shuffled() -> None:
    rng = np.random.default_rng(0)
    letters = list("良い悪いだめ普通商品です。！ ")
    texts = ["".join(rng.choice(letters, rng.integers(0, 40))) for _ in range(10_000)]
    model = LinearText.open(stored(), THREE)
    together = model.predict(texts)
    order = rng.permutation(len(texts))
    shuffled = model.predict([texts[place] for place in order])
    assert together[order].tobytes() == shuffled.tobytes()
    assert together[:500].tobytes() == b"".join(model.predict([text]).tobytes() for text in texts[:500])


def test_a_million_characters_in_bounded_memory() -> None:
    model = LinearText.open(stored(), THREE)
    text = "良い商品です。" * 150_000
    tracemalloc.start()
    model.predict([text])
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 32 * len(text)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"weights": np.full((9, 2), np.nan, np.float16)}, "finite"),
        ({"weights": np.full((9, 2), np.inf, np.float16)}, "finite"),
        ({"weights": np.full((9, 2), 32.0, np.float16)}, "between"),
        ({"weights": np.zeros((0, 2), np.float16)}, "finite"),
        ({"weights": np.zeros((9, 3), np.float16)}, "shape"),
        ({"weights": np.zeros((9, 2), np.float32)}, "float32"),
        ({"slope": np.array([1.0, np.nan])}, "slope and bias"),
        ({"bias": np.array([np.inf, 1.0])}, "slope and bias"),
        ({"bias": np.zeros(3)}, "shape"),
        ({"extra": np.zeros(3)}, "expected the arrays"),
    ],
)
def test_refuses_other_arrays(changed: dict[str, NDArray[np.generic]], message: str) -> None:
    with pytest.raises(MalformedArtifact, match=message):
        LinearText.open(stored(**changed), THREE)


def isotonic(at: list[float], to: list[float]) -> NDArray[np.float64]:
    return np.array([[at, to]] * 3)


def test_a_line_is_level_beyond_its_ends_and_the_sum_is_one_again() -> None:
    weights, ones, noughts = np.zeros((5, 2), np.float16), np.ones(2), np.zeros(2)
    for at, moved in (([0.4, 0.9], [0.2] * 3), ([0.1, 0.2], [0.8] * 3), ([0.5, 0.6], [0.2] * 3)):
        model = LinearText(weights, ones, noughts, isotonic(at, [0.2, 0.8]))
        np.testing.assert_allclose(model.predict(["良い"])[0], np.array(moved) / sum(moved))
    lines = np.array([[[0.0, 1.0], [0.0, 0.3]], [[0.0, 1.0], [0.0, 0.9]], [[0.0, 1.0], [0.6, 0.6]]])
    found = LinearText(weights, ones, noughts, lines).predict(["良い"])[0]
    np.testing.assert_allclose(found, [0.1, 0.3, 0.6])


def test_where_no_label_is_left_all_are_alike() -> None:
    model = LinearText(
        np.zeros((5, 2), np.float16), np.ones(2), np.zeros(2), isotonic([0.9, 1.0], [0.0, 1.0])
    )
    assert model.predict(["良い"]).tolist() == [[1 / 3] * 3]


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("at", "to"),
    [
        ([0.0, 0.5, 1.0], [0.0, 0.6, 0.5]),
        ([0.0, 0.5, 0.5], [0.0, 0.5, 1.0]),
        ([0.0, 0.5, 0.4], [0.0, 0.5, 1.0]),
        ([0.0, NAN, 1.0], [0.0, 0.5, 1.0]),
        ([0.0, 0.5, 1.0], [0.0, NAN, 1.0]),
        ([NAN], [0.5]),
        ([0.5], [NAN]),
        ([-INF, 0.5], [0.0, 1.0]),
        ([0.5, INF], [0.0, 1.0]),
        ([0.0, 1.0], [-0.1, 1.0]),
        ([0.0, 1.0], [0.0, 1.1]),
        ([], []),
    ],
)
def test_refuses_a_line_that_does_not_rise_from_nought_to_one(at: list[float], to: list[float]) -> None:
    with pytest.raises(MalformedArtifact, match="isotonic must rise"):
        LinearText.open(stored(isotonic=isotonic(at, to)), THREE, calibration="isotonic")


@pytest.mark.parametrize(
    ("changed", "calibration", "message"),
    [
        ({}, "isotonic", "expected the arrays"),
        ({"isotonic": isotonic([0.0, 1.0], [0.0, 1.0])}, "platt", "expected the arrays"),
        ({"isotonic": np.zeros((2, 2, 4))}, "isotonic", "shape"),
        ({"isotonic": np.zeros((3, 3, 4))}, "isotonic", "shape"),
        ({"isotonic": np.zeros((3, 2, 4), np.float32)}, "isotonic", "float32"),
    ],
)
def test_refuses_arrays_of_another_calibration(
    changed: dict[str, NDArray[np.generic]], calibration: str, message: str
) -> None:
    with pytest.raises(MalformedArtifact, match=message):
        LinearText.open(stored(**changed), THREE, calibration=calibration)


@pytest.mark.parametrize("labels", [[], ["one"]])
def test_refuses_fewer_than_two_labels(labels: list[str]) -> None:
    with pytest.raises(MalformedArtifact, match="two labels or more"):
        LinearText.open(stored(), labels)


def test_many_characters_are_scored_in_runs_with_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    model = LinearText.open(stored(**arrays(2)), ["a", "b", "c"])
    texts = ["良い商品", "x" * 50, "", "だめ" * 20, "y"]
    whole = model.predict(texts)
    monkeypatch.setattr(limits, "SCORED_CHARS_MAX_COUNT", 45)
    np.testing.assert_array_equal(model.predict(texts), whole)


@pytest.mark.parametrize("features", sorted(FEATURES))
def test_a_character_that_stands_for_many_is_cut_short(features: str) -> None:
    (batch, *_) = FEATURES[features](["\ufdfa" * 100])
    assert len(batch.codes) <= 100 * limits.EXPANSION_MAX + 10
