"""Words disguised as people disguise them: how many, where, and so that a reader still reads them."""

import re
import unicodedata
from itertools import groupby
from math import ceil
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.moderation.evasion import SEPARATORS, TRANSFORMS, ZERO_WIDTHS, disguise

# Each word has letters that any of the transforms finds something for.
word = st.builds("{}{}{}".format, st.text("bcdmnu", max_size=3), st.just("ceo"), st.text("aist", min_size=1))
other = st.sampled_from(["so", "42", "b2b", "@someone", "https://example.org/page", "&amp;", "t.co/abc"])
pieces = st.lists(word | other, max_size=20)
transform = st.sampled_from(list(TRANSFORMS))
seed = st.integers(0, 2**32)


@given(st.text(), transform, seed)
def test_a_seed_gives_one_disguise(text: str, transform: str, seed: int) -> None:
    assert disguise(text, transform, Random(seed)) == disguise(text, transform, Random(seed))


@given(pieces, transform, seed)
def test_three_words_in_ten_change_and_nothing_else(pieces: list[str], transform: str, seed: int) -> None:
    words = [piece for piece in pieces if piece.isalpha() and len(piece) >= 3]
    disguised = disguise(" ~ ".join(pieces), transform, Random(seed)).split(" ~ ")
    changed = [was for was, now in zip(pieces, disguised, strict=True) if now != was] if pieces else []
    assert len(changed) == ceil(0.3 * len(words))
    assert set(changed) <= set(words)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_text_without_a_word_of_three_letters_stays(transform: str) -> None:
    for text in ("", "so I go", "@someone &amp; 123 b2b t.co/abc https://t.co"):
        assert disguise(text, transform, Random(1)) == text


def test_another_word_changes_where_one_cannot() -> None:
    """No sign stands for a letter of the first words."""
    for seed in range(20):
        assert disguise("why funny nymph murky else", "l33t", Random(seed)).startswith(
            "why funny nymph murky "
        )


@given(word, transform, seed)
def test_one_word_is_enough_to_change_it_and_nfkc_does_not_bring_it_back(
    word: str, transform: str, seed: int
) -> None:
    disguised = disguise(word, transform, Random(seed))
    assert disguised != word
    assert unicodedata.normalize("NFKC", disguised).casefold() != word


@given(word, seed)
def test_look_alikes_are_letters_of_other_scripts(word: str, seed: int) -> None:
    disguised = disguise(word, "look-alike", Random(seed))
    for was, now in zip(word, disguised, strict=True):
        assert now == was or re.match("(CYRILLIC|GREEK|ARMENIAN) ", unicodedata.name(now))


@given(word, seed)
def test_a_reader_sees_no_zero_width_character(word: str, seed: int) -> None:
    disguised = disguise(word, "zero-width", Random(seed))
    assert "".join(letter for letter in disguised if unicodedata.category(letter) != "Cf") == word
    assert disguised[0] == word[0]
    assert disguised[-1] not in ZERO_WIDTHS


@given(word, seed)
def test_l33t_keeps_the_length_and_has_no_other_letters(word: str, seed: int) -> None:
    disguised = disguise(word, "l33t", Random(seed))
    for was, now in zip(word, disguised, strict=True):
        assert now == was or not now.isalpha()


@given(word, seed)
def test_spaced_letters_close_up_to_the_word(word: str, seed: int) -> None:
    disguised = disguise(word, "spaced", Random(seed))
    assert disguised[::2] == word
    assert disguised[1] in SEPARATORS
    assert set(disguised[1::2]) == {disguised[1]}


@given(word, seed)
def test_repeated_letters_are_the_words_own(word: str, seed: int) -> None:
    disguised = disguise(word, "repeated", Random(seed))
    assert [letter for letter, _ in groupby(disguised)] == [letter for letter, _ in groupby(word)]


@given(word, seed)
def test_under_the_marks_is_the_word(word: str, seed: int) -> None:
    disguised = disguise(word, "combining", Random(seed))
    assert "".join(letter for letter in disguised if unicodedata.category(letter) != "Mn") == word


@given(word, seed)
def test_a_mask_hides_one_vowel_inside(word: str, seed: int) -> None:
    disguised = disguise(word, "masked", Random(seed))
    place = disguised.index("*")
    assert 0 < place < len(word) - 1
    assert word == disguised[:place] + word[place] + disguised[place + 1 :]
    assert word[place] in "aeiou"


def test_a_mask_takes_a_consonant_where_no_vowel_is_inside() -> None:
    assert disguise("why", "masked", Random(1)) == "w*y"
