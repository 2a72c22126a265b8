"""Text → records: rows of cells, each with the line on which it begins and the text that it was made from."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from coldframe import limits
from coldframe.batch.encoding import Encoding
from coldframe.batch.source import Window
from coldframe.errors import FileRefused

_LINE_END = re.compile(r"\r\n|\r|\n")
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

    A record that is open at the end of a block begins the next one, which grows until it is closed. Where it
    is still open at the end of the file, or after BATCH_RECORD_MAX_BYTES, its first line alone is taken: a
    lone quotation mark costs its own line and no other.
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
        lines, rest = whole_lines(text, at_end, max(size // limits.BATCH_LINE_MIN_BYTES, 1))
        final = (at_end and not rest) or size >= limits.BATCH_RECORD_MAX_BYTES
        if final and not lines:
            raise FileRefused(
                f"Line {self.line:,} is longer than {limits.BATCH_RECORD_MAX_BYTES:,} bytes",
                "check that this is a CSV file, with one row a line",
            )
        records = parse(lines, self._delimiter)
        if not records.rows:
            if not final:
                return None
            records = Records([[without_end(lines[0])]], [1], frozenset({0}))
        block = self._block(records, lines, damaged)
        taken = records.ends[-1]
        left = self._encoding.size("".join(lines[taken:]) + rest)
        self._window.advance(len(data) - pending - left)
        self.line += taken
        return block

    def _block(self, records: "Records", lines: list[str], damaged: bool) -> Block:
        rows, ends, unclosed = records
        if ends[-1] == len(rows):  # every record has one line
            starts: Sequence[int] = range(self.line, self.line + len(rows))
            return Block(rows, starts, list(map(without_end, lines[: len(rows)])), damaged, unclosed)
        starts = [0, *ends[:-1]]
        texts = [without_end("".join(lines[start:end])) for start, end in zip(starts, ends, strict=True)]
        return Block(rows, [self.line + start for start in starts], texts, damaged, unclosed)


class Records(NamedTuple):
    """Whole records, the number of lines up to the end of each, and the indices of those never closed."""

    rows: list[list[str]]
    ends: Sequence[int]
    unclosed: frozenset[int]


def whole_lines(text: str, at_end: bool, most: int) -> tuple[list[str], str]:
    r"""Split at \n, \r\n and \r, at most so often; the rest, which may go on, is given apart.

    Lines keep their ends where these may be part of a cell.
    """
    end = len(text) if at_end else max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
    if max(text.count("\n", 0, end), text.count("\r", 0, end)) > most:
        end = min(end, end_of_line(text, most))
    whole, rest = text[:end], text[end:]
    if '"' in whole:
        return io.StringIO(whole, newline="").readlines(), rest
    lines = whole.replace("\r\n", "\n").replace("\r", "\n").split("\n")  # twice as fast
    return lines[:-1] if not lines[-1] else lines, rest


def end_of_line(text: str, number: int) -> int:
    """Return the index behind the end of this line, counted from 1; the text's length when it has fewer."""
    found = next(islice(_LINE_END.finditer(text), number - 1, None), None)
    return found.end() if found else len(text)


def parse(lines: list[str], delimiter: str) -> Records:
    """Return the whole records; one that is open at the end is left."""
    rows = list(csv.reader(chain(lines, ("",)), delimiter=delimiter))
    if len(rows) == len(lines) + 1:  # none has two lines, and the empty one behind them makes a row
        return Records(rows[:-1], range(1, len(rows)), frozenset())
    return _parse_strictly(lines, delimiter)


def _parse_strictly(lines: list[str], delimiter: str) -> Records:
    """Parse lines of which some share a record: such cells must be quoted without a fault.

    Where they are not, a lone quotation mark has swallowed lines that are none of its own: it keeps its line,
    and the next line begins a record.
    """
    rows: list[list[str]] = []
    ends, unclosed = [0], set()
    while ends[-1] < len(lines):
        begin = ends[-1]
        rest = chain(map(lines.__getitem__, range(begin, len(lines))), ("",))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                rows.append(cells)
                ends.append(begin + reader.line_num)
        except csv.Error:
            if begin + reader.line_num > len(lines):  # open at their end
                break
            cells, closed = _alone(lines[ends[-1]], delimiter)
            if not closed:
                unclosed.add(len(rows))
            rows.append(cells)
            ends.append(ends[-1] + 1)
        else:  # the empty line has made a row
            del rows[-1], ends[-1]
    return Records(rows, ends[1:], frozenset(unclosed))


def _alone(line: str, delimiter: str) -> tuple[list[str], bool]:
    """Read one line, which may have quotation marks where none should be; say whether it is whole."""
    rows = list(csv.reader([line, ""], delimiter=delimiter))
    return (rows[0], True) if len(rows) == 2 else ([without_end(line)], False)


def without_end(line: str) -> str:
    """Return a record's text without the end of its last line."""
    return line.rstrip("\r\n")
