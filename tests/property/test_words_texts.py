"""A text's words and characters are the same whatever it shares a batch with."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coldframe import ngrams, words
from coldframe.unmasking import unmask

ENGLISH = st.text("ab ek.,!-@&#1;\x02\x03\u0301\u200b", max_size=40)
ANY_TEXT = st.text(st.characters(), max_size=40) | ENGLISH | st.just("")


@given(st.lists(ANY_TEXT, min_size=1, max_size=8))
def test_a_batch_holds_each_text_as_it_is_alone(texts: list[str]) -> None:
    for together, *alone in zip(words.encode(texts), *[words.encode([text]) for text in texts], strict=True):
        windows = ngrams.buckets(together.codes, together.orders, 5_003)
        marks = together.marks.reshape(-1, 2)
        assert len(marks) == len(texts)
        for one, (begin, end) in zip(alone, marks, strict=True):
            np.testing.assert_array_equal(windows[:, begin:end], ngrams.buckets(one.codes, one.orders, 5_003))


@given(st.lists(ANY_TEXT, min_size=1, max_size=8))
def test_places_are_a_start_and_the_characters_or_the_words(texts: list[str]) -> None:
    characters, of_words = words.encode(texts)
    for text, places, word_places in zip(
        map(unmask, texts),
        characters.marks[1::2] - characters.marks[::2],
        of_words.marks[1::2] - of_words.marks[::2],
        strict=True,
    ):
        assert places == 1 + len(text)
        assert word_places == 1 + len(text.split())
