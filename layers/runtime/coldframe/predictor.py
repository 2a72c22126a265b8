"""Texts in, answers out: the one call that HTTP, CSV and the command line share."""

from collections.abc import Sequence
from typing import Any, Protocol

from coldframe.decisions import Row
from coldframe.manifest import Manifest

Answer = dict[str, Any]
Items = Sequence[str | bytes]  # texts, or rows of numbers as `float_rows` has them


class Answering(Protocol):
    """A version of a model, open, that answers to items of whichever kind it takes."""

    @property
    def manifest(self) -> Manifest:
        """What the version says of itself."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of a row's words, of which the label is last, then of its numbers."""

    @property
    def widest(self) -> list[Row]:
        """Rows of which one takes as many characters as any answer, whichever way they are written."""

    def rows(self, items: Sequence[Any], /) -> list[Row]:
        """Return one answer an item, in order. Raises `RowsRefused` for rows that cannot be scored."""


class Predictor(Answering, Protocol):
    """One that answers to texts. A text's answer is the same alone and in company, to the last bit."""

    @property
    def block_bytes(self) -> int:
        """How much of a file is scored in one step: so little that a run looks at the clock in time."""

    @property
    def upload_rows_max_count(self) -> int:
        """The most rows of a file in a form, whose answer has to come within the API's time."""

    def rows(self, texts: Sequence[str]) -> list[Row]:
        """Return one answer a text, in order, as rows of a table."""

    def answer(self, row: Row) -> Answer:
        """Return a row as an answer."""

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Return one answer a text, in order, with all that there is to say."""
