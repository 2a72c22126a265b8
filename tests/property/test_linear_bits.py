"""A text's answer is the same to the last bit, whatever it shares a batch with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldframe.linear import LinearText

ANY_TEXT = st.text(st.characters(), max_size=50) | st.text("良い悪いだめ普通です。！", max_size=50)
TEXTS = st.lists(ANY_TEXT, max_size=30)


def model(columns: int) -> LinearText:
    rng = np.random.default_rng(columns)
    weights = rng.normal(scale=3, size=(1_009, columns)).astype(np.float16)
    return LinearText(weights, rng.uniform(0.5, 2, columns), rng.normal(size=columns))


MODELS = {columns: model(columns) for columns in (1, 2, 9)}


@pytest.mark.parametrize("columns", MODELS)
@given(texts=TEXTS, data=st.data())
def test_alone_together_and_in_any_order(columns: int, texts: list[str], data: st.DataObject) -> None:
    predict = MODELS[columns].predict
    together = predict(texts)
    alone = [predict([text])[0] for text in texts]
    assert together.tobytes() == b"".join(row.tobytes() for row in alone)
    order = data.draw(st.permutations(range(len(texts))))
    shuffled = predict([texts[place] for place in order])
    assert shuffled.tobytes() == b"".join(alone[place].tobytes() for place in order)


@given(TEXTS)
def test_every_row_is_a_distribution(texts: list[str]) -> None:
    rows = MODELS[2].predict(texts)
    assert rows.shape == (len(texts), 3)
    assert ((rows >= 0) & (rows <= 1)).all()
    np.testing.assert_allclose(rows.sum(axis=1), 1.0, rtol=1e-14)
