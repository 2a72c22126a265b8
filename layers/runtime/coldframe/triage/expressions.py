"""A ticket's own words: expressions of one or several words, the longest that fits."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
_WORD = re.compile(r"\w+(?:['’.&/-]\w+)*")


def words_of(text: str) -> list[str]:
    """Split a text into words, in lower case."""
    return _WORD.findall(text.casefold().replace("’", "'"))


class Expressions(Generic[T]):
    """Finds expressions among words; what is found does not overlap."""

    def __init__(self, meanings: Mapping[str, T]) -> None:
        self._meanings = {tuple(words_of(expression)): meaning for expression, meaning in meanings.items()}
        self._longest = max(map(len, self._meanings), default=0)

    def find(self, words: Sequence[str]) -> Iterator[T]:
        """Give the meanings of the expressions, from left to right."""
        place = 0
        while place < len(words):
            for size in range(self._longest, 0, -1):
                found = tuple(words[place : place + size])
                if len(found) == size and found in self._meanings:
                    yield self._meanings[found]
                    place += size - 1
                    break
            place += 1
