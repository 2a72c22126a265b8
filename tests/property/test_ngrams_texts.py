"""The featurizer on any text."""

import unicodedata

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coldframe import ngrams

ANY_TEXT = st.text(st.characters(), max_size=60)  # st.characters() has lone surrogates, NUL and the rest
JAPANESE = st.text(st.sampled_from("良いだめ最悪、。！？（）：～…ＡﾀﾞガガB \u3000"), max_size=40)


@given(ANY_TEXT | JAPANESE)
def test_normalize_is_nfkc_and_casefold_without_white_space(text: str) -> None:
    assert ngrams.normalize(text) == unicodedata.normalize("NFKC", "".join(text.split())).casefold()


@given(st.lists(JAPANESE | ANY_TEXT, min_size=1, max_size=10), st.sampled_from(" \n\t\u3000\u2028\x85"))
def test_white_space_changes_nothing(words: list[str], space: str) -> None:
    assert ngrams.normalize(space.join(words)) == ngrams.normalize("".join(words))


@given(st.lists(ANY_TEXT, min_size=1, max_size=8))
def test_a_batch_holds_each_text_as_it_is_alone(texts: list[str]) -> None:
    codes, marks, orders = ngrams.encode(texts)
    batch = ngrams.buckets(codes, orders, 5_003)
    for text, begin, end in zip(texts, marks[::2], marks[1::2], strict=True):
        alone = ngrams.buckets(ngrams.encode([text]).codes, orders, 5_003)
        np.testing.assert_array_equal(batch[:, begin:end], alone)
