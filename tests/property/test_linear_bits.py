"""A text's answer is the same to the last bit, whatever it shares a batch with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from coldframe.linear import FEATURES, LinearText

ANY_TEXT = (
    st.text(st.characters(), max_size=50)
    | st.text("良い悪いだめ普通です。！", max_size=50)
    | st.text("ab ek.@1&;\x02\x03\u0301", max_size=50)
)
TEXTS = st.lists(ANY_TEXT, max_size=30)


def lines(labels: int) -> NDArray[np.float64]:
    """A line for each label, of which some give nothing at first."""
    points = np.sort(np.random.default_rng(labels).random((labels, 2, 16)))
    points[:, 1, :8] = 0
    return points


def model(columns: int, features: str = "characters", isotonic: bool = False) -> LinearText:
    rng = np.random.default_rng(columns)
    weights = rng.normal(scale=3, size=(1_009, columns)).astype(np.float16)
    slope, bias = rng.uniform(0.5, 2, columns), rng.normal(size=columns)
    return LinearText(weights, slope, bias, lines(columns + 1) if isotonic else None, FEATURES[features])


MODELS = {str(columns): model(columns) for columns in (1, 2, 9)} | {
    "words": model(2, "words"),
    "isotonic": model(2, "words", isotonic=True),
}


@pytest.mark.parametrize("name", MODELS)
@given(texts=TEXTS, data=st.data())
def test_alone_together_and_in_any_order(name: str, texts: list[str], data: st.DataObject) -> None:
    predict = MODELS[name].predict
    together = predict(texts)
    alone = [predict([text])[0] for text in texts]
    assert together.tobytes() == b"".join(row.tobytes() for row in alone)
    order = data.draw(st.permutations(range(len(texts))))
    shuffled = predict([texts[place] for place in order])
    assert shuffled.tobytes() == b"".join(alone[place].tobytes() for place in order)


@pytest.mark.parametrize("name", ["2", "words", "isotonic"])
@given(texts=TEXTS)
def test_every_row_is_a_distribution(name: str, texts: list[str]) -> None:
    rows = MODELS[name].predict(texts)
    assert rows.shape == (len(texts), 3)
    assert ((rows >= 0) & (rows <= 1)).all()
    np.testing.assert_allclose(rows.sum(axis=1), 1.0, rtol=1e-14)


@st.composite
def a_line(draw: st.DrawFn) -> tuple[list[float], list[float]]:
    """Points that rise, and reach beyond nought and one as a calibration's may."""
    at = draw(st.lists(st.floats(-0.01, 1.01), min_size=1, max_size=20, unique=True).map(sorted))
    to = draw(st.lists(st.floats(0, 1), min_size=len(at), max_size=len(at)).map(sorted))
    return at, to


@given(a_line(), a_line(), TEXTS)
def test_lines_are_those_of_numpy(
    one: tuple[list[float], list[float]], other: tuple[list[float], list[float]], texts: list[str]
) -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(1_009, 1)).astype(np.float16)
    for at, to in (one, other):
        bare = LinearText(weights, np.ones(1), np.zeros(1)).predict(texts)
        lined = LinearText(weights, np.ones(1), np.zeros(1), np.array([[at, to]] * 2)).predict(texts)
        moved = np.interp(bare, at, to)
        total = moved.sum(axis=1, keepdims=True)
        shares = np.where(total > 0, moved / np.where(total > 0, total, 1), 0.5)
        clear = (total > 1e-3).ravel() | (total == 0).ravel()  # less cannot be shared to twelve digits
        np.testing.assert_allclose(lined[clear], shares[clear], rtol=0, atol=1e-12)
