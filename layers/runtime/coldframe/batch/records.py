"""Text → records: rows of cells, each with the line on which it begins and the text that it was made from."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from coldframe import limits
from coldframe.batch.encoding import Encoding
from coldframe.batch.source import Window
from coldframe.errors import FileRefused

if TYPE_CHECKING:
    from _csv import Reader

csv.field_size_limit(2 * limits.BATCH_RECORD_MAX_BYTES)  # its own limit would end the file, not the row


@dataclass(frozen=True)
class Block:
    """Whole records that follow each other: the cells, the first line (from 1), and the text of each.

    `unclosed` are the indices of rows with a quotation mark that is never closed; their one cell is their
    text. `damaged` says that some bytes could not be decoded. A blank line is a row without cells.
    """

    rows: list[list[str]]
    lines: Sequence[int]
    texts: list[str]
    damaged: bool = False
    unclosed: frozenset[int] = frozenset()


class RecordReader:
    """Reads a window in blocks; what a block holds depends on nothing but the file and where it begins.

    A record that is open at the end of a block begins the next one, which grows until it is closed. One that
    is still open at the end of the file, or after BATCH_RECORD_MAX_BYTES, is taken line by line: a lone
    quotation mark costs its own line and no other.
    """

    def __init__(self, window: Window, encoding: Encoding, delimiter: str, line: int) -> None:
        self.line = line
        self._window, self._encoding, self._delimiter = window, encoding, delimiter

    def blocks(self) -> Iterator[Block]:
        """Give block after block; when one is given, window and line stand behind it.

        Raises `FileRefused` for a line that is too long.
        """
        size = limits.BATCH_BLOCK_BYTES
        while True:
            self._window.fill(size)
            if not self._window.data:
                return
            block = self._take(size)
            if block:
                yield block
            size = limits.BATCH_BLOCK_BYTES if block else 2 * size

    def _take(self, size: int) -> Block | None:
        """Take the whole records of the next `size` bytes off the window; None when there is none."""
        data = self._window.data[:size]
        at_end = self._window.at_end and len(data) < size
        text, pending, damaged = self._encoding.decode(data, at_end)
        whole, rest = cut(text, at_end)
        lines = split(whole)
        rows, ends = parse(lines, self._delimiter)
        final = at_end or size >= limits.BATCH_RECORD_MAX_BYTES
        if not rows and not final:
            return None
        if not lines:
            raise FileRefused(
                f"Line {self.line:,} is longer than {limits.BATCH_RECORD_MAX_BYTES:,} bytes",
                "check that this is a CSV file, with one row a line",
            )
        block = self._block(rows, ends, lines, damaged) if rows else self._line_by_line(lines, damaged)
        taken = ends[-1] if rows else len(lines)
        left = self._encoding.size("".join(lines[taken:]) + rest)
        self._window.advance(len(data) - pending - left)
        self.line += taken
        return block

    def _block(self, rows: list[list[str]], ends: Sequence[int], lines: list[str], damaged: bool) -> Block:
        if ends[-1] == len(rows):  # every record has one line
            return Block(rows, range(self.line, self.line + len(rows)), lines[: len(rows)], damaged)
        starts = [0, *ends[:-1]]
        texts = ["".join(lines[start:end]) for start, end in zip(starts, ends, strict=True)]
        return Block(rows, [self.line + start for start in starts], texts, damaged)

    def _line_by_line(self, lines: list[str], damaged: bool) -> Block:
        rows, unclosed = [], set()
        for index, line in enumerate(lines):
            whole, _ = parse([line], self._delimiter)
            if not whole:
                unclosed.add(index)
            rows += whole or [[without_end(line)]]
        return Block(rows, range(self.line, self.line + len(rows)), lines, damaged, frozenset(unclosed))


def cut(text: str, at_end: bool) -> tuple[str, str]:
    r"""Cut behind the last line that is whole; one that ends in \r is not, unless the file ends there too."""
    if at_end:
        return (text + "\n" if text and not text.endswith(("\n", "\r")) else text), ""
    end = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
    return text[:end], text[end:]


def split(text: str) -> list[str]:
    r"""Split whole lines at \n, \r\n and \r; they keep their ends where these may be part of a cell."""
    if '"' in text:
        return io.StringIO(text, newline="").readlines()
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:-1]


def parse(lines: list[str], delimiter: str) -> tuple[list[list[str]], Sequence[int]]:
    """Return the whole records, and the number of lines up to the end of each; what is open is left."""
    rows = list(csv_reader(lines, delimiter))
    if len(rows) == len(lines) + 1:
        return rows[:-1], range(1, len(rows))
    reader = csv_reader(lines, delimiter)
    ends = [reader.line_num for _ in reader if reader.line_num <= len(lines)]
    return rows[: len(ends)], ends


def csv_reader(lines: list[str], delimiter: str) -> "Reader":
    """Read lines; a row that takes its `line_num` beyond theirs is blank, or was open at their end."""
    return csv.reader(chain(lines, ("",)), delimiter=delimiter)


def without_end(line: str) -> str:
    """Return a record's text without the end of its last line."""
    return line.rstrip("\r\n")
