"""Rows as text again: cells as they stood, formulas made harmless, the answers behind them."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import chain, repeat

from pydantic_core import to_json

from coldframe.batch.encoding import shown
from coldframe.batch.parsing import without_end
from coldframe.batch.rows import Reject
from coldframe.decisions import Row

BOM = "\ufeff"
LINE_END = "\r\n"  # RFC 4180
# What spreadsheets take for a formula: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*|[.,]\d+)([eE][+-]?\d+)?%?")


def harmless(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula; a number is none."""
    return f"'{cell}" if cell[:1] in _FORMULA_STARTS and not _NUMBER.fullmatch(cell) else cell


def csv_text(rows: Iterable[Sequence[str]], delimiter: str) -> str:
    """Write rows as CSV, every cell made harmless."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=LINE_END).writerows(map(_harmless_row, rows))
    return file.getvalue()


def header_text(header: Sequence[str], added: Iterable[str], delimiter: str) -> str:
    """Write the result's first row; an added name that the file has already gets a number."""
    return BOM + csv_text([[*header, *_unused(added, set(header))]], delimiter)


def result_text(
    rows: Sequence[list[str]], texts: Sequence[str], answers: Sequence[Row], delimiter: str
) -> str:
    """Write scored rows: each row's text as it stands in the file, then its answer.

    A float is written with as many digits as give the same float back.
    """
    kept = texts
    if not _FORMULA_STARTS.isdisjoint({cell[:1] for cells in rows for cell in cells}):
        kept = list(map(_harmless_text, rows, texts, repeat(delimiter)))
    between = {words: _between(words, delimiter) for words in {words for words, _ in answers}}
    words = [between[words] for words, _ in answers]
    numbers = _numbers([numbers for _, numbers in answers], delimiter)
    return "".join(chain.from_iterable(zip(kept, words, numbers, [LINE_END] * len(words), strict=True)))


def rejects_header(header: Sequence[str], delimiter: str) -> str:
    """Write the first row of the rejects."""
    return BOM + csv_text([["line", "reason", *header]], delimiter)


def rejects_text(rejects: Iterable[Reject], delimiter: str) -> str:
    """Write rejects: line, reason, and the row's own cells, with bytes that are no text as hex."""
    rows = ([str(reject.line), reject.reason, *map(shown, reject.cells)] for reject in rejects)
    return csv_text(rows, delimiter)


def _harmless_row(cells: Sequence[str]) -> list[str]:
    return [harmless(cell) for cell in cells]


def _harmless_text(cells: list[str], text: str, delimiter: str) -> str:
    """A row's own text, or where a cell had to be made harmless, the row written anew."""
    if _harmless_row(cells) == cells:
        return text
    return without_end(csv_text([cells], delimiter))


def _numbers(rows: Sequence[tuple[float, ...]], delimiter: str) -> list[str]:
    """Write each row's numbers. pydantic does it ten times faster than repr, and as exactly."""
    written = to_json(rows).decode()[2:-2].split("],[") if rows else []
    return written if delimiter == "," else [row.replace(",", delimiter) for row in written]


def _between(words: tuple[str, ...], delimiter: str) -> str:
    return delimiter + without_end(csv_text([words], delimiter)) + delimiter


def _unused(names: Iterable[str], taken: set[str]) -> Iterable[str]:
    for name in names:
        number, unused = 2, name
        while unused in taken:
            unused, number = f"{name}_{number}", number + 1
        taken.add(unused)
        yield unused
