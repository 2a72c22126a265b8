"""Words as features: against a plain definition, and what counts as the same word."""

from itertools import pairwise

import numpy as np
import pytest

from coldframe import ngrams, words
from coldframe.unmasking import unmask

START, END = 2, 3


def word_hash(word: str) -> int:
    """The code of a word, letter by letter, with each of a run counted once."""
    letters = [letter for place, letter in enumerate(word) if place == 0 or word[place - 1] != letter]
    total = 0
    for place, letter in enumerate(letters, start=1):
        total += ord(letter) * pow(0x2C1B3C6D, min(place, 40), 2**32)
    total %= 2**32
    return ((total ^ (total >> 15)) * 0x297A2D39 % 2**32) | 0x80000000


def codes_of(text: str) -> list[int]:
    return list(map(int, words.encode([text])[1].codes))


@pytest.mark.parametrize(
    "text", ["hello", "a b c d hello", "", "no, really: bookkeepers!", "x" * 3, "ab" * 60, "語 x 言葉"]
)
def test_words_are_those_of_the_definition(text: str) -> None:
    expected = [START, *map(word_hash, unmask(text).split()), END, END]
    assert codes_of(text) == expected


def test_texts_lie_end_to_end_as_characters_and_as_words() -> None:
    characters, of_words = words.encode(["hi you", "", "ok"])
    assert characters.orders == range(2, 6)
    assert characters.marks.tolist() == [0, 7, 11, 12, 16, 19]
    assert len(characters.codes) == 19 + 4
    assert of_words.orders == range(1, 4)
    assert of_words.marks.tolist() == [0, 3, 5, 6, 8, 10]
    assert len(of_words.codes) == 10 + 2


def test_letters_that_are_repeated_count_once_in_a_word_and_not_among_characters() -> None:
    assert codes_of("heeello") == codes_of("hello") == codes_of("helo")
    assert codes_of("hello") != codes_of("hel lo")
    one, other = (words.encode([text])[0].codes.tolist() for text in ("heello", "hello"))
    assert one != other


def test_the_place_of_a_letter_counts() -> None:
    known = ["abc", "acb", "bac", "cab", "ab c", "a bc", "abcabc", "ba" * 30, "ab" * 30]
    assert len({tuple(codes_of(word)) for word in known}) == len(known)
    assert codes_of("ab" * 30) == codes_of("ab" * 29 + "ba"[::-1])


def test_words_of_english_collide_as_seldom_as_chance_has_it() -> None:
    letters = np.random.default_rng(0).choice(list("etaoinshr"), (20_000, 7))
    texts = {"".join(row) for row in letters}
    texts = {text for text in texts if all(one != other for one, other in pairwise(text))}
    assert len({word_hash(text) for text in texts}) >= len(texts) - 5
    found = words.encode([" ".join(sorted(texts))])[1]
    buckets = ngrams.buckets(found.codes, found.orders, 1_000)
    counts = np.bincount(buckets.ravel(), minlength=1_000)
    assert counts.min() > 0
    assert counts.max() < 2 * counts.mean()
