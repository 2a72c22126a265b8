"""How a file is laid out: encoding, delimiter, header, and which column is scored."""

import difflib
import unicodedata
from dataclasses import dataclass

from coldframe import limits
from coldframe.batch.encoding import Encoding, shown
from coldframe.batch.parsing import end_of_line, parse, whole_lines, without_end
from coldframe.batch.source import Window
from coldframe.errors import FileRefused

DEFAULT_COLUMN = "text"
_OTHER_COLUMN = "drop the file as NAME.csv?column=ITS-NAME"
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True)
class Layout:
    """`column` is the index in `header` of what is scored."""

    encoding: Encoding
    delimiter: str
    header: list[str]
    column: int


def read_layout(window: Window, wanted: str, other: str = _OTHER_COLUMN) -> tuple[Layout, int]:
    """Read the header and advance the window beyond it; give the layout and the line that comes next, from 1.

    `other` says how another column is named. Raises `FileRefused` for an empty file, one that is no text, and
    one without the wanted column.
    """
    window.fill(limits.BATCH_SAMPLE_BYTES)
    encoding = Encoding.detect(window.data, window.at_end)
    window.advance(encoding.bom_bytes)
    text, _, _ = encoding.decode(window.data, window.at_end)
    lines, rest = whole_lines(text, window.at_end, limits.BATCH_HEADER_MAX_LINES)
    if rest and not lines:
        raise FileRefused("The first line does not end", "give a CSV file, with one row a line")
    headers = {delimiter: _first_row(lines, delimiter) for delimiter in _DELIMITERS}
    if not headers[","][0]:
        raise FileRefused("The file is empty", "give a CSV file whose first row names its columns")
    delimiter = max(_DELIMITERS, key=lambda d: (bool(_matches(headers[d][0], wanted)), len(headers[d][0])))
    header, line_count = headers[delimiter]
    layout = Layout(encoding, delimiter, [shown(name) for name in header], _column(header, wanted, other))
    window.advance(encoding.size(text[: end_of_line(text, line_count)]))
    return layout, line_count + 1


def _first_row(lines: list[str], delimiter: str) -> tuple[list[str], int]:
    """Return the first row that is not blank, and the number of lines up to its end.

    Where a quotation mark is never closed, that is the first line as it stands.
    """
    records = parse(lines, delimiter, len(lines))
    for cells, end in zip(records.rows, records.ends, strict=True):
        if cells:
            return cells, end
    return [without_end(line) for line in lines[:1] if line.strip()], 1


def _column(header: list[str], wanted: str, other: str) -> int:
    found = _matches(header, wanted)
    shortened = (
        name[: limits.BATCH_COLUMN_SHOWN_CHARS] for name in header[: limits.BATCH_COLUMNS_SHOWN_COUNT]
    )
    names = list(map(shown, shortened))
    if not found:
        near = difflib.get_close_matches(_plain(wanted), map(_plain, names), 1)
        hint = f' (is it "{near[0]}"?)' if near else ""
        raise FileRefused(
            f'No column is named "{wanted}"{hint}',
            f'call the column of the texts "{DEFAULT_COLUMN}", or {other}',
            names,
        )
    if len(found) > 1:
        raise FileRefused(
            f'{len(found)} columns are named "{wanted}"', "leave that name to one of them", names
        )
    return found[0]


def _matches(header: list[str], wanted: str) -> list[int]:
    """The columns of that name; failing that, those that differ in case, width or outer spaces only."""
    exact = [index for index, name in enumerate(header) if name == wanted]
    return exact or [index for index, name in enumerate(header) if _plain(name) == _plain(wanted)]


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()
