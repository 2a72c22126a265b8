"""Any table, written in any dialect and encoding: every row comes back, scored or rejected, as it was."""

import codecs
import gzip
import re
from dataclasses import dataclass

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coldframe.batch.rows import BLANK, CELLS, NUL, too_long
from tests.tables import ADDED, Scored, answer, read_csv, score

HEADER = ["id", "備考：この列は採点に使わない", "text"]
LINE_ENDS = ("\r\n", "\n", "\r")
MARKS = {
    "utf-8": b"",
    "utf-8-sig": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-16-le without a mark": b"",
    "utf-16-be without a mark": b"",
    "cp932": b"",
}
CELLS_OF_TABLES = (
    st.text(
        st.sampled_from("ab1\"',;\t\r\n =+-@＝＋日本語𠮷😀é\x00\x85\u2028\u2029\ufeff\x0b\x0c\x1c"),
        max_size=8,
    )
    | st.text(st.characters(codec="utf-8"), max_size=12)
    | st.sampled_from(
        ["", " ", "\u3000", "=1+1", "-5", "'", '"', '""', "\r", "\n", "\r\n", "あ" * 1_001, "良い" * 500]
    )
)
ROWS = st.lists(CELLS_OF_TABLES, min_size=3, max_size=3) | st.lists(CELLS_OF_TABLES, min_size=1, max_size=5)


@dataclass(frozen=True)
class Dialect:
    delimiter: str
    quoting: str
    line_ends: list[str]
    blank_lines: list[int]
    last_line_ends: bool


DIALECTS = st.builds(
    Dialect,
    st.sampled_from(",;\t"),
    st.sampled_from(["minimal", "all", "nonnumeric"]),
    st.lists(st.sampled_from(LINE_ENDS), min_size=1, max_size=4),
    st.lists(st.integers(0, 2), min_size=1, max_size=4),
    st.booleans(),
)


def written(rows: list[list[str]], dialect: Dialect) -> tuple[str, list[int]]:
    """A table as CSV, and the character at which each row begins."""
    text, begins = "", []
    for index, row in enumerate(rows):
        end = dialect.line_ends[index % len(dialect.line_ends)]
        text += end * dialect.blank_lines[index % len(dialect.blank_lines)]
        begins.append(len(text))
        text += dialect.delimiter.join(quoted(cell, len(row) == 1, dialect) for cell in row) + end
    return (text if dialect.last_line_ends else text[: -len(end)]), begins


def quoted(cell: str, alone: bool, dialect: Dialect) -> str:
    needed = not set(cell).isdisjoint({'"', "\r", "\n", dialect.delimiter}) or (alone and not cell)
    numeric = re.fullmatch(r"[0-9]+", cell) is not None
    if needed or dialect.quoting == "all" or (dialect.quoting == "nonnumeric" and not numeric):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def encoded(text: str, encoding: str) -> bytes:
    codec = encoding.removesuffix(" without a mark")
    mark = MARKS[encoding]
    return mark + text.encode("utf-8" if codec == "utf-8-sig" else codec)


def reason(row: list[str]) -> str | None:
    if len(row) != len(HEADER):
        return CELLS
    text = row[HEADER.index("text")]
    if not text.strip():
        return BLANK
    if len(text) > 1_000:
        return too_long(1_000)
    return NUL if "\0" in text else None


def line_of(text: str, begin: int) -> int:
    return 1 + sum(found.end() <= begin for found in re.finditer(r"\r\n|\r|\n", text))


def same(came_back: list[str], row: list[str]) -> bool:
    """Cells are as they were, but for the apostrophe before what may be a formula."""
    return len(came_back) == len(row) and all(
        back == cell or (back == f"'{cell}" and cell[0] in "=+-@\t\r\n＝＋－＠")
        for back, cell in zip(came_back, row, strict=True)
    )


@settings(max_examples=300)
@given(
    st.lists(ROWS, max_size=10),
    DIALECTS,
    st.sampled_from(list(MARKS)),
    st.booleans(),
    st.tuples(st.integers(16, 400), st.integers(16, 400), st.integers(1, 3)),
)
def test_every_row_comes_back_once_in_order_and_whole(
    rows: list[list[str]], dialect: Dialect, encoding: str, packed: bool, sizes: tuple[int, int, int]
) -> None:
    if encoding == "cp932":
        rows = [[cell.encode("cp932", "ignore").decode("cp932") for cell in row] for row in rows]
    text, begins = written([HEADER, *rows], dialect)
    data = encoded(text, encoding)
    controls = len(re.findall(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", data))
    assume("utf-16" in encoding or controls <= max(8, 0.05 * len(data)))
    stored = gzip.compress(data, mtime=0) if packed else data

    scored = score(stored)

    check_layout(scored, dialect, encoding)
    fit = [row for row in rows if reason(row) is None]
    unfit = [(line_of(text, begin), row) for row, begin in zip(rows, begins[1:], strict=True) if reason(row)]
    assert len(scored.result_rows) == len(fit)
    assert len(scored.reject_rows) == len(unfit)
    for came_back, row in zip(scored.result_rows, fit, strict=True):
        words, numbers = answer(row[HEADER.index("text")])
        assert same(came_back[: -len(ADDED)], row)
        assert came_back[-len(ADDED)] == words[0]
        assert tuple(map(float, came_back[-len(numbers) :])) == numbers
    for (line, why, *cells), (expected_line, row) in zip(scored.reject_rows, unfit, strict=True):
        assert (int(line), why) == (expected_line, reason(row))
        assert same(cells, row)
    assert scored.place[0] == len(data)

    block_bytes, read_bytes, blocks_a_run = sizes
    assert score(stored, "text", block_bytes, read_bytes).outputs == scored.outputs
    assert score(stored, "text", block_bytes, read_bytes, blocks_a_run).outputs == scored.outputs


def check_layout(scored: Scored, dialect: Dialect, encoding: str) -> None:
    expected = encoding.removesuffix(" without a mark").removesuffix("-sig")
    assert scored.layout.encoding.name == expected
    assert scored.layout.delimiter == dialect.delimiter
    assert scored.layout.header == HEADER
    assert read_csv(scored.result, dialect.delimiter, strict=True)[0] == [*HEADER, *ADDED]
    assert read_csv(scored.rejects, dialect.delimiter, strict=True)[0] == ["line", "reason", *HEADER]
