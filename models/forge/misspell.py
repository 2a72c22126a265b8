"""Texts with letters left out, to train on beside the texts themselves.

A word that is hidden or mistyped is then known by the letters that are left.
"""

import re
from random import Random

WORDS_SHARE = 0.3
_WORD = re.compile(r"[^\W\d_]{3,}")


def misspell(text: str, random: Random) -> str:
    """Leave one inner letter out of WORDS_SHARE of the words, which have three letters or more."""
    return _WORD.sub(lambda word: _without_a_letter(word[0], random), text)


def _without_a_letter(word: str, random: Random) -> str:
    if random.random() >= WORDS_SHARE:
        return word
    place = random.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1 :]
