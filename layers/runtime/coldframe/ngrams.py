"""Character n-grams, hashed into buckets: the one featurizer of training and serving.

A text is laid out as one start marker, its characters, and ORDERS - 1 end markers. At each of its places (the
start marker and every character) begin ORDERS windows, of one to ORDERS code points, and each falls into a
bucket. So every place has the same number of windows, and none reaches into the next text of a batch.
"""

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ORDERS = 4
_START, _END = "\x02", "\x03" * (ORDERS - 1)
# Odd numbers of 32 random bits, one for each character of a window: multiplicative hashing, TAOCP 6.4.
_MULTIPLIERS = np.array([[0x9E3779B1], [0x85EBCA77], [0xC2B2AE3D], [0x27D4EB2F]], np.uint32)
# What NFKC makes of the full-width marks in most Japanese text. Replaced first, they spare it its slow path.
_HALF_WIDTH = {"！": "!", "？": "?", "（": "(", "）": ")", "～": "~", "…": "..."}


class Batch(NamedTuple):
    """Texts as one array of code points, markers included.

    codes: (characters,) uint32. marks: (2 * texts,) int64, where each text's places begin and end in codes.
    """

    codes: NDArray[np.uint32]
    marks: NDArray[np.int64]


def normalize(text: str) -> str:
    """NFKC, case folded, without white space: Japanese split at morphemes and as people write it are one."""
    text = "".join(text.split())
    if not unicodedata.is_normalized("NFKC", text):
        for full, half in _HALF_WIDTH.items():
            text = text.replace(full, half)
        text = unicodedata.normalize("NFKC", text)
    return text.casefold()


def encode(texts: Sequence[str]) -> Batch:
    """Normalise texts and lay them end to end; any Unicode string will do, lone surrogates too."""
    normal = [f"{_START}{normalize(text)}{_END}" for text in texts]
    marks: list[int] = []
    begin = 0
    for text in normal:
        marks += begin, begin + len(text) - len(_END)
        begin += len(text)
    codes = np.frombuffer("".join(normal).encode("utf-32-le", "surrogatepass"), np.uint32)
    return Batch(codes, np.array(marks, np.int64))


def buckets(codes: NDArray[np.uint32], count: int) -> NDArray[np.uint32]:
    """The buckets, below `count`, of all windows: (ORDERS, len(codes) - ORDERS + 1) uint32, a row an order.

    Column i holds the windows that begin at codes[i]; the last ORDERS - 1 codes begin none.
    """
    windows = np.ndarray((ORDERS, len(codes) - ORDERS + 1), np.uint32, codes, strides=2 * codes.strides)
    hashes = windows * _MULTIPLIERS
    for shorter, longer in pairwise(hashes):
        longer += shorter
    hashes %= count
    return hashes
