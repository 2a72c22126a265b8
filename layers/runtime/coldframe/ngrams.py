"""N-grams, hashed into buckets: the one featurizer of training and serving. Here, those of characters.

A text is laid out as one start marker, its characters, and one end marker less than the longest window is
long. At each of its places (the start marker and every character) begins a window of each order, that many
code points long, and falls into a bucket. So every place has the same number of windows, and none reaches
into the next text of a batch.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldframe import limits

ORDERS = range(1, 5)
START, END = "\x02", "\x03"
# Odd numbers of 32 random bits, one for each character of a window: multiplicative hashing, TAOCP 6.4.
_MULTIPLIERS = np.array([[0x9E3779B1], [0x85EBCA77], [0xC2B2AE3D], [0x27D4EB2F], [0x165667B1]], np.uint32)
# What NFKC makes of the full-width marks in most Japanese text. Replaced first, they spare it its slow path.
_HALF_WIDTH = {"！": "!", "？": "?", "（": "(", "）": ")", "～": "~", "…": "..."}


class Batch(NamedTuple):
    """Texts as one array of code points, markers included.

    codes: (characters,) uint32. marks: (2 * texts,) int64, where each text's places begin and end in codes.
    orders: the lengths of the windows.
    """

    codes: NDArray[np.uint32]
    marks: NDArray[np.int64]
    orders: range


def normalize(text: str) -> str:
    """NFKC, case folded, without white space: Japanese split at morphemes and as people write it are one."""
    text = "".join(text.split())
    if not unicodedata.is_normalized("NFKC", text):
        for full, half in _HALF_WIDTH.items():
            text = text.replace(full, half)
        text = unicodedata.normalize("NFKC", text)[: limits.EXPANSION_MAX * len(text)]
    return text.casefold()


def encode(texts: Sequence[str]) -> Batch:
    """Normalise texts and lay them end to end; any Unicode string will do, lone surrogates too."""
    return lay_out(map(normalize, texts), ORDERS)


def lay_out(texts: Iterable[str], orders: range) -> Batch:
    """Lay texts end to end as they are, for windows of these orders."""
    end = END * (orders[-1] - 1)
    laid_out = [f"{START}{text}{end}" for text in texts]
    marks: list[int] = []
    begin = 0
    for text in laid_out:
        marks += begin, begin + len(text) - len(end)
        begin += len(text)
    codes = np.frombuffer("".join(laid_out).encode("utf-32-le", "surrogatepass"), np.uint32)
    return Batch(codes, np.array(marks, np.int64), orders)


def buckets(codes: NDArray[np.uint32], orders: range, count: int) -> NDArray[np.uint32]:
    """The buckets, below `count`, of all windows, (orders, len(codes) - orders[-1] + 1) uint32.

    A row is an order. Column i holds the windows that begin at codes[i]; the last codes begin none.
    """
    longest = orders[-1]
    windows = np.ndarray((longest, len(codes) - longest + 1), np.uint32, codes, strides=2 * codes.strides)
    hashes = windows * _MULTIPLIERS[:longest]
    for shorter, longer in pairwise(hashes):
        longer += shorter
    hashes = hashes[orders[0] - 1 :]
    hashes %= count
    return hashes
