"""Text → records: rows of cells, each with the line on which it begins and the text that it was made from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from coldframe import limits
from coldframe.batch.encoding import Encoding
from coldframe.batch.parsing import Records, check_search, end_of_line, parse, whole_lines, without_end
from coldframe.batch.source import Window
from coldframe.errors import FileRefused


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
    """Reads a window in blocks; what a block holds depends on nothing but the file, where it
    begins and `block_bytes`.

    A record that is open at the end of a block begins the next one, which grows until it is closed, and then
    has no more than that record, or those that end within its first `block_bytes` characters: a large cell
    makes no large step. Where it is still open at the end of the file, or after BATCH_RECORD_MAX_BYTES, its
    first line alone is taken: a lone quotation mark costs its own line and no other.
    """

    def __init__(
        self,
        window: Window,
        encoding: Encoding,
        delimiter: str,
        block_bytes: int,
        line: int,
        searched: int = 0,
    ) -> None:
        self.line, self.searched = line, searched
        self._window, self._encoding, self._delimiter = window, encoding, delimiter
        self._block_bytes = block_bytes

    def blocks(self) -> Iterator[Block]:
        """Give block after block; when one is given, window and line stand behind it.

        Raises `FileRefused` for a line that is too long, and for too many marks that are never closed.
        """
        size = self._block_bytes
        while True:
            self._window.fill(size)
            if not self._window.data:
                return
            block = self._take(size)
            if block:
                yield block
            size = self._block_bytes if block else 2 * size

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
        records = parse(lines, self._delimiter, self._enough(lines), self.searched)
        if not records.rows:
            if not final:
                return None
            records = Records([[without_end(lines[0])]], [1], frozenset({0}), self.searched + len(text))
            check_search(records.searched)
        self.searched = records.searched
        block = self._block(records, lines, damaged)
        taken = records.ends[-1]
        end = end_of_line(text, taken) if taken < len(lines) else len(text) - len(rest)
        self._window.advance(len(data) - pending - self._encoding.size(text[end:]))
        self.line += taken
        return block

    def _enough(self, lines: list[str]) -> int:
        """How many lines a block may have: all, unless it has grown."""
        ends = accumulate(map(len, lines[: max(self._block_bytes // limits.BATCH_LINE_MIN_BYTES, 1)]))
        return sum(end <= self._block_bytes for end in ends)

    def _block(self, records: Records, lines: list[str], damaged: bool) -> Block:
        rows, ends, unclosed, _ = records
        if ends[-1] == len(rows):  # every record has one line
            starts: Sequence[int] = range(self.line, self.line + len(rows))
            return Block(rows, starts, list(map(without_end, lines[: len(rows)])), damaged, unclosed)
        starts = [0, *ends[:-1]]
        texts = [without_end("".join(lines[start:end])) for start, end in zip(starts, ends, strict=True)]
        return Block(rows, [self.line + start for start in starts], texts, damaged, unclosed)
