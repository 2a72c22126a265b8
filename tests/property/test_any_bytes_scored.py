"""Whatever bytes are dropped: an answer or a refusal, nothing lost, the same in any steps."""

import gzip
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldframe import limits
from coldframe.batch.encoding import Encoding
from coldframe.batch.rows import UNCLOSED
from coldframe.errors import FileRefused
from tests.tables import Scored, limited, opened, score

PIECES = st.sampled_from(
    [piece.encode() for piece in ('"', '""', ",", "\n", "\r", "\r\n", "a", "=", "\0", "あ", "😀", "x" * 40)]
    + [bytes.fromhex(piece) for piece in ("82", "82a0", "e381", "ff", "80", "d800", "dc00", "0a00", "2200")]
)
BODIES = st.lists(PIECES, max_size=60).map(b"".join) | st.binary(max_size=120)
HEADERS = st.sampled_from(
    [b"id,text\n", b"text\r\n", b"\xef\xbb\xbftext;b\r", b"\n\nid\ttext\n"]
    + ["\ufeffid,text\n".encode(codec) for codec in ("utf-16-le", "utf-16-be")]
    + ["id,text\n".encode(codec) for codec in ("utf-16-le", "utf-16-be")]
    + ["番号,備考：日本語の列,text\r\n".encode("cp932"), b""]
)
LINE_END = re.compile(r"\r\n|\r|\n")
SIZES = st.tuples(st.integers(4, 120), st.integers(16, 120), st.integers(1, 3))


def check_nothing_is_lost(data: bytes, scored: Scored) -> None:
    """The blocks' texts are the file's text, one after the other, and every line of it is counted."""
    encoding = scored.layout.encoding
    whole, pending, _ = Encoding(encoding.name).decode(data[encoding.bom_bytes :], at_end=True)
    assert pending == 0
    assert encoding.bom_bytes + encoding.size(whole) == len(data)
    assert scored.place == (len(data), 1 + line_count(whole))
    first = scored.blocks[0][0].lines[0] if scored.blocks else scored.place[1]
    at = [0, *(end.end() for end in LINE_END.finditer(whole)), len(whole)][first - 1]
    for block, examined in scored.blocks:
        for line, text in zip(block.lines, block.texts, strict=True):
            assert line == 1 + len(LINE_END.findall(whole[:at]))
            assert whole.startswith(text, at)
            at += len(text)
            at = end.end() if (end := LINE_END.match(whole, at)) else at
        assert len(block.rows) == len(block.texts)
        row_count = sum(bool(cells) for cells in block.rows)
        assert len(examined.texts) + len(examined.rejects) == row_count
        assert not "".join(text for cells, text in zip(block.rows, block.texts, strict=True) if not cells)
    assert at == len(whole)
    assert len(scored.result_rows) + len(scored.reject_rows) == sum(
        bool(cells) for block, _ in scored.blocks for cells in block.rows
    )


def line_count(text: str) -> int:
    ends = len(LINE_END.findall(text))
    return ends + (text != "" and not text.endswith(("\r", "\n")))


@settings(max_examples=400)
@given(HEADERS, BODIES, st.booleans(), SIZES)
def test_all_is_accounted_for(header: bytes, body: bytes, packed: bool, sizes: tuple[int, int, int]) -> None:
    data = header + body
    stored = gzip.compress(data, mtime=0) if packed else data
    block_bytes, read_bytes, blocks_a_run = sizes
    try:
        scored = score(stored)
    except FileRefused:
        return
    check_nothing_is_lost(data, scored)
    assert score(stored, "text", block_bytes, read_bytes, blocks_a_run).outputs == scored.outputs


@settings(max_examples=150)
@given(HEADERS, BODIES, SIZES, st.integers(20, 60))
def test_a_record_beyond_the_limit_is_taken_apart_and_a_line_beyond_it_refused(
    header: bytes, body: bytes, sizes: tuple[int, int, int], record_max_bytes: int
) -> None:
    data = header + body
    with limited(BATCH_RECORD_MAX_BYTES=record_max_bytes):
        try:
            scored = score(data, "text", *sizes)
        except FileRefused:
            return
        check_nothing_is_lost(data, scored)
        assert score(data, "text", sizes[0], 1_000).outputs == scored.outputs


@given(st.binary(max_size=200))
def test_damaged_gzip_is_answered_or_refused(data: bytes) -> None:
    with pytest.raises(FileRefused, match="gzip"):
        score(b"\x1f\x8b" + data)


@settings(max_examples=100)
@given(st.data())
def test_gzip_with_a_byte_changed_or_the_end_cut_off(data: st.DataObject) -> None:
    table = b"id,text\n" + b"".join(b"%d,some words\n" % number for number in range(40))
    stored = bytearray(gzip.compress(table, mtime=0))
    at = data.draw(st.integers(2, len(stored) - 1))
    if data.draw(st.booleans()):
        del stored[at:]
    else:
        stored[at] ^= data.draw(st.integers(1, 255))
    try:
        scored = score(bytes(stored))
    except FileRefused:
        return
    assert at < 10  # the header's time and system say nothing of the data
    assert scored.outputs == score(table).outputs


def test_a_second_member_is_read_on_from() -> None:
    table = b"id,text\n1,one\n2,two\n"
    stored = gzip.compress(table[:11], mtime=0) + gzip.compress(table[11:], mtime=0) + bytes(100)
    assert score(stored, "text", 8, 16, 1).outputs == score(table).outputs


OPEN = ['1,"a\n', 'x"y,"z\n', '3,"d" e,"f\n']
PLAIN = ["4,b\n", '5,f" g\n', "6\n", "\n"]


@given(st.lists(st.sampled_from(OPEN + PLAIN), max_size=12), SIZES)
def test_a_mark_that_is_never_closed_costs_its_own_line(
    lines: list[str], sizes: tuple[int, int, int]
) -> None:
    scored = score(b"id,text\n" + "".join(lines).encode(), "text", *sizes)
    unclosed = [f"{cells[0]}\n" for _, why, *cells in scored.reject_rows if why == UNCLOSED]
    assert unclosed == [line for line in lines if line in OPEN]
    assert scored.texts == [line[2:-1] for line in lines if line in ("4,b\n", '5,f" g\n')]


@given(st.binary(max_size=limits.TEXT_MAX_CHARS), st.integers(1, 50), st.integers(2, 60))
def test_a_window_gives_the_bytes_of_the_file(data: bytes, step: int, read_bytes: int) -> None:
    with limited(BATCH_READ_BYTES=read_bytes):
        offset = min(len(data), step)
        window = opened(b"text" + data, 4 + offset)
        read = b""
        while True:
            window.fill(step)
            if not window.data:
                break
            read += window.data[:step]
            window.advance(step)
    assert read == data[offset:]
    assert window.at_end
