"""Text → lines → records: where they end, and what a quotation mark that is never closed costs."""

import csv
import io
import re
from collections.abc import Sequence
from itertools import chain, islice
from typing import NamedTuple

from coldframe import limits
from coldframe.errors import FileRefused

_LINE_END = re.compile(r"\r\n|\r|\n")
csv.field_size_limit(2 * limits.BATCH_RECORD_MAX_BYTES)  # its own limit would end the file, not the row


class Records(NamedTuple):
    """Whole records, the number of lines up to the end of each, and the indices of those never closed.

    `searched` is how many characters were looked through for what would have closed such marks, with those
    before these lines.
    """

    rows: list[list[str]]
    ends: Sequence[int]
    unclosed: frozenset[int] = frozenset()
    searched: int = 0


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
    # Without a mark no cell has a line end in it, and this is faster.
    lines = whole.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if not lines[-1] else lines, rest


def end_of_line(text: str, number: int) -> int:
    """Return the index behind the end of this line, counted from 1; the text's length when it has fewer."""
    found = next(islice(_LINE_END.finditer(text), number - 1, None), None)
    return found.end() if found else len(text)


def parse(lines: list[str], delimiter: str, enough: int, searched: int = 0) -> Records:
    """Return the records that end within the first `enough` lines, or the first one alone where it is longer.

    One that is open at the end of all lines is left. Raises as `check_search` does, for what is searched here
    and was before.
    """
    rows = list(csv.reader(chain(lines, ("",)), delimiter=delimiter))
    if len(rows) == len(lines) + 1:  # none has two lines, and the empty one behind them makes a row
        whole = rows[:-1][: max(enough, 1)]
        return Records(whole, range(1, len(whole) + 1), searched=searched)
    return _parse_strictly(lines, delimiter, enough, searched)


def _parse_strictly(lines: list[str], delimiter: str, enough: int, searched: int) -> Records:
    """Parse lines of which some share a record: such cells must be quoted without a fault.

    Where they are not, a lone quotation mark has swallowed lines that are none of its own: it keeps its line,
    and the next line begins a record.
    """
    rows: list[list[str]] = []
    ends, unclosed = [0], set[int]()
    while ends[-1] < len(lines):
        begin = ends[-1]
        rest = chain(map(lines.__getitem__, range(begin, len(lines))), ("",))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                if rows and begin + reader.line_num > enough:
                    return Records(rows, ends[1:], frozenset(unclosed), searched)
                rows.append(cells)
                ends.append(begin + reader.line_num)
        except csv.Error:
            open_at_end = begin + reader.line_num > len(lines)
            if open_at_end or (rows and ends[-1] >= enough):
                break
            cells, closed = _alone(lines[ends[-1]], delimiter)
            if not closed:
                unclosed.add(len(rows))
                searched += sum(map(len, lines[ends[-1] : begin + reader.line_num]))
                check_search(searched)
            rows.append(cells)
            ends.append(ends[-1] + 1)
        else:  # the empty line has made a row
            del rows[-1], ends[-1]
    return Records(rows, ends[1:], frozenset(unclosed), searched)


def check_search(searched: int) -> None:
    """Raise `FileRefused` when more than BATCH_SEARCH_MAX_CHARS were looked through in vain."""
    if searched > limits.BATCH_SEARCH_MAX_CHARS:
        raise FileRefused(
            "Too many quotation marks are never closed",
            'double those that are meant as such (""), or have the file exported anew',
        )


def _alone(line: str, delimiter: str) -> tuple[list[str], bool]:
    """Read one line, which may have quotation marks where none should be; say whether it is whole."""
    rows = list(csv.reader([line, ""], delimiter=delimiter))
    return (rows[0], True) if len(rows) == 2 else ([without_end(line)], False)


def without_end(line: str) -> str:
    """Return a record's text without the end of its last line."""
    return line.rstrip("\r\n")
