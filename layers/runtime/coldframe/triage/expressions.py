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
        self._meanings.pop((), None)
        self._sizes: dict[str, list[int]] = {}  # of the expressions with this first word, the longest first
        for size, first in sorted({(len(words), words[0]) for words in self._meanings}, reverse=True):
            self._sizes.setdefault(first, []).append(size)

    def find(self, words: Sequence[str]) -> Iterator[T]:
        """Give the meanings of the expressions, from left to right."""
        place = 0
        while place < len(words):
            size = self._size_at(words, place)
            if size:
                yield self._meanings[tuple(words[place : place + size])]
            place += size or 1

    def _size_at(self, words: Sequence[str], place: int) -> int:
        """How many words the longest expression has that begins here; 0 without one."""
        sizes = self._sizes.get(words[place], ())
        return next((size for size in sizes if tuple(words[place : place + size]) in self._meanings), 0)
