"""Features of text in which words stand apart: n-grams of characters, and n-grams of words.

Text is unmasked first. In a word, a letter that is repeated counts once, so that "fuuck" is the word that it
means; a word is a code, as a character is one.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coldframe import ngrams
from coldframe.unmasking import unmask

CHARACTER_ORDERS, WORD_ORDERS = range(2, 6), range(1, 4)
_START, _END, _SPACE = ord(ngrams.START), ord(ngrams.END), ord(" ")
_LETTERS_MAX = 40  # of a word; those beyond have the last one's multiplier
# Odd numbers, one for each letter's place in a word: powers of one whose low bits run through all there are.
_MULTIPLIERS = np.array([pow(0x2C1B3C6D, place, 2**32) for place in range(1, _LETTERS_MAX + 1)], np.uint32)
_MIX = np.uint32(0x297A2D39)


def encode(texts: Sequence[str]) -> list[ngrams.Batch]:
    """Unmask texts and lay them end to end, as characters and as words; any Unicode string will do."""
    characters = ngrams.lay_out(map(unmask, texts), CHARACTER_ORDERS)
    return [characters, _words(characters.codes)]


def _words(codes: NDArray[np.uint32]) -> ngrams.Batch:
    """The words of laid-out texts: a text is one start marker, its words, and the end markers."""
    codes = codes[np.diff(codes, prepend=_SPACE) != 0]  # one of each run: of the end markers, too
    is_marker = (codes == _START) | (codes == _END)
    is_space = codes == _SPACE
    after_word = np.append(True, (is_marker | is_space)[:-1])
    begins = np.flatnonzero(is_marker | (after_word & ~is_space))
    hashes = _hashes(np.where(is_space, np.uint32(0), codes), begins)
    firsts = codes[begins]
    hashes = np.where(is_marker[begins], firsts, hashes)
    words = np.repeat(hashes, np.where(firsts == _END, WORD_ORDERS[-1] - 1, 1))
    starts, ends = np.flatnonzero(words == _START), np.flatnonzero(words == _END)[:: WORD_ORDERS[-1] - 1]
    return ngrams.Batch(words, np.stack([starts, ends], axis=1).ravel(), WORD_ORDERS)


def _hashes(codes: NDArray[np.uint32], begins: NDArray[np.int64]) -> NDArray[np.uint32]:
    """A hash of each word, never a marker's code; the words begin at `begins`."""
    places = np.arange(len(codes)) - np.repeat(begins, np.diff(begins, append=len(codes)))
    products = codes * _MULTIPLIERS[np.minimum(places, _LETTERS_MAX - 1)]
    sums = np.add.reduceat(products, begins, dtype=np.uint32)
    sums ^= sums >> np.uint32(15)
    return (sums * _MIX) | np.uint32(0x80000000)
