"""Read one CSV file of texts and labels, and tell how to mend a file that is something else."""

import csv
import difflib
import io
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from coldframe.errors import ColdframeError

FIELD_MAX_CHARS = 1_000_000
_COLUMNS = ("text", "label")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # what .xlsx and .xls begin with
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = {";": "';'", "\t": "a tab"}


class UnusableRows(ColdframeError):
    """Raise when a file of rows cannot be trained on as it is."""


class Line(NamedTuple):
    """One row as it stands in the file; number is that of the line on which it begins, from 1."""

    number: int
    text: str
    label: str


def read_csv(path: Path) -> Iterator[Line]:
    """Give the rows below the header, blank lines left out; what a short row lacks is "".

    Raises UnusableRows with the file, the line and the fix.
    """
    numbered = read_table(path, _bytes(path))
    _, header = next(numbered)
    text, label = _columns(path, header)
    for number, row in numbered:
        if row:
            full = row + [""] * (len(header) - len(row))
            yield Line(number, full[text], full[label])


def read_table(path: Path, data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Give all rows, the header first, with the lines on which they begin; a blank line is [].

    `data` are the bytes of the file, which messages name by its path. Raises UnusableRows with the
    file, the line and the fix.
    """
    csv.field_size_limit(max(csv.field_size_limit(), FIELD_MAX_CHARS))  # of the process: others need more
    content = _decoded(path, data)
    _check_separator(path, content)
    yield from _numbered(path, content)


def _decoded(path: Path, data: bytes) -> str:
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        raise UnusableRows(f"{path.name} is empty.")
    if data.startswith(_WORKBOOKS):
        raise UnusableRows(
            f"{path.name} is an Excel workbook: save it as CSV UTF-8 in the spreadsheet program."
        )
    if data.startswith(_UTF_16):
        command = f"iconv -f UTF-16 -t UTF-8 {shlex.quote(str(path))} > utf8.csv"
        raise UnusableRows(f"{path.name} is UTF-16. Save the file as UTF-8, or run: {command}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableRows(
            f"{path.name}: byte {error.start} is not UTF-8. Save the file as UTF-8"
            f" (from Excel: 'CSV UTF-8'; from Shift_JIS: iconv -f CP932 -t UTF-8)."
        ) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UnusableRows(f"{path} does not exist.") from error
    except OSError as error:
        raise UnusableRows(f"{path} cannot be read: {error.strerror}.") from error


def _check_separator(path: Path, content: str) -> None:
    first = content.splitlines()[0]
    for separator, name in _SEPARATORS.items():
        if separator in first and "," not in first:
            reader = f"csv.reader(sys.stdin, delimiter={separator!r})"
            code = f"import csv, sys; csv.writer(sys.stdout).writerows({reader})"
            raise UnusableRows(
                f"{path.name} has {name} between its columns. Save it with commas in the spreadsheet program,"
                f' or run: python3 -c "{code}" < {shlex.quote(str(path))} > commas.csv'
            )


def _numbered(path: Path, content: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the lines on which they begin."""
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    number = 1
    try:
        for row in reader:
            yield number, row
            number = reader.line_num + 1
    except csv.Error as error:
        raise UnusableRows(
            f"{path.name}: a quote opens on line {number} and is not closed, or closed too early ({error})."
            ' Close it at the end of the text, and write a quote inside a quoted text twice: "".'
        ) from error


def _columns(path: Path, header: Sequence[str]) -> list[int]:
    """The places of text and label."""
    names = [name.strip().casefold() for name in header]
    for wanted in _COLUMNS:
        if wanted not in names:
            raise UnusableRows(_no_column(path, wanted, header, names))
    return [names.index(wanted) for wanted in _COLUMNS]


def _no_column(path: Path, wanted: str, header: Sequence[str], names: Sequence[str]) -> str:
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.4)
    fix = (
        f"rename {header[names.index(near[0])]!r} to {wanted!r}"
        if near
        else f"name the columns {', '.join(_COLUMNS)}"
    )
    return f"{path.name}: line 1 has no column {wanted!r}: {fix}. It has {list(header)}."
