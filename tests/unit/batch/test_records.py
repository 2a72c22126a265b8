import csv
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from coldframe import limits
from coldframe.batch.encoding import Decoded, Encoding
from coldframe.batch.rows import CELLS, UNCLOSED, UNDECODABLE, too_long
from coldframe.errors import FileRefused
from tests.tables import limited, score

GOOD = ["1,good\n", "2,better\n", "3,best\n"]


def table(*lines: str) -> bytes:
    return "".join(["id,text\n", *lines]).encode()


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize("line", ['9,"bad\n', '"9,bad\n', '9,"\n', '9,"ba""d\r\n'])
def test_a_lone_mark_costs_its_own_line(index: int, line: str) -> None:
    scored = score(table(*GOOD[:index], line, *GOOD[index:]))
    assert scored.texts == ["good", "better", "best"]
    assert scored.reject_rows == [[str(index + 2), UNCLOSED, line.strip()]]


def test_a_lone_mark_on_a_last_line_without_an_end() -> None:
    scored = score(table(*GOOD, '4,"bad'))
    assert scored.texts == ["good", "better", "best"]
    assert scored.reject_rows == [["5", UNCLOSED, '4,"bad']]


def test_cells_of_several_lines_behind_a_lone_mark_are_whole() -> None:
    scored = score(table('1,"bad\n', '2,"two\nlines"\n', "3,good\n", '4,"three\r\n\r\nlines"\n', '5,"bad\n'))
    assert scored.texts == ["two\nlines", "good", "three\r\n\r\nlines"]
    assert scored.reasons == {2: UNCLOSED, 9: UNCLOSED}


def test_marks_within_a_line_are_read_as_other_programs_read_them() -> None:
    assert score(table('1,5" pipe\n', '2,"a" b\n', '3,"a ""b"" c"\n')).texts == ['5" pipe', "a b", 'a "b" c']


def test_two_cells_that_a_spreadsheet_left_open() -> None:
    scored = score(table('1,"bad\n', "2,good\n", '3,"worse\n', "4,good\n"))
    assert scored.texts == ["good", "good"]
    assert scored.reasons == {2: UNCLOSED, 4: UNCLOSED}


@pytest.mark.parametrize("lines", [['x"y,"z\n'] * 20_000, ['1,"a\n'] * 20_000, ['1,"a\n', "2,b\n"] * 10_000])
def test_many_lone_marks_cost_a_few_readings_of_the_file(
    lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given, reader = 0, csv.reader

    def counted(lines: Iterable[str]) -> Iterator[str]:
        nonlocal given
        for line in lines:
            given += 1
            yield line

    def counting(lines: Iterable[str], **options: Any) -> Any:
        return reader(counted(lines), **options)

    monkeypatch.setattr(csv, "reader", counting)
    with limited(BATCH_BLOCK_BYTES=10_000):
        scored = score(table(*lines))
    assert len(scored.reasons) == sum('"' in line for line in lines)
    assert given < 10 * len(lines)


def test_one_cell_of_10_mb() -> None:
    lines = "x" * 99 + "\n"
    scored = score(
        table("1,good\n", f'2,"{lines * 100_000}"\n', "3,better\n", f"4,{'y' * 10_000_000}\n", "5,best\n")
    )
    assert scored.texts == ["good", "better", "best"]
    assert scored.reasons == {3: too_long(1_000), 100_005: too_long(1_000)}
    assert scored.reject_rows[0][3] == lines * 100_000


def test_a_line_beyond_the_limit_is_refused() -> None:
    with limited(BATCH_BLOCK_BYTES=1_000, BATCH_RECORD_MAX_BYTES=4_000), pytest.raises(FileRefused) as caught:
        score(table(*GOOD, "4," + "x" * 10_000), "text", 1_000)
    assert caught.value.problem == "Line 5 is longer than 4,000 bytes"
    assert caught.value.fix == "check that this is a CSV file, with one row a line"


def test_blank_lines_are_no_rows_but_count() -> None:
    scored = score(b"\r\n\n\rid,text\n\n\n1,good\r\r2,better\n\r\n3\n\n\n")
    assert scored.texts == ["good", "better"]
    assert scored.reasons == {11: CELLS}


def test_nul_is_a_character_like_others_outside_the_text() -> None:
    scored = score(table("1,a\0b\n", "2\0,good\n"))
    assert scored.reasons == {2: "the text holds the character U+0000"}
    assert scored.result_rows[0][:2] == ["2\0", "good"]


def test_damaged_bytes_cost_their_row() -> None:
    scored = score("id,text\n1,とても良い\n2,".encode() + b"\xff\xe8\n3,good\n\x80,good\n5,best\n")
    assert scored.texts == ["とても良い", "good", "best"]
    assert scored.reject_rows == [["3", UNDECODABLE, "2", r"\xff\xe8"], ["5", UNDECODABLE, r"\x80", "good"]]


def test_damage_before_a_line_end_does_not_take_the_next_row_along() -> None:
    scored = score("番号,text\r\n1,良い\r\n2,悪".encode("cp932") + b"\x88\r\n" + "3,普通\r\n".encode("cp932"))
    assert scored.texts == ["良い", "普通"]
    assert scored.reject_rows == [["3", UNDECODABLE, "2", r"悪\x88"]]


def test_rows_of_a_few_bytes_come_in_blocks_of_bounded_count() -> None:
    scored = score(table("1,a\n" * 10_000), "text", 3_200)
    assert max(len(block.rows) for block, _ in scored.blocks) == 100
    assert len(scored.texts) == 10_000


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("length", [10_000, 1_000_000])
def test_a_large_cell_makes_no_large_block(length: int, closed: bool) -> None:
    cell = f'"{"x" * length}"' if closed else "x" * length
    data = table("1,good\n", f"2,{cell}\n", "3,some words of a row\n" * 60_000)
    scored = score(data, "text", 8_192)
    assert len(scored.texts) == 60_001
    assert scored.reasons == {3: too_long(1_000)}
    assert max(len(block.rows) for block, _ in scored.blocks) == 8_192 // limits.BATCH_LINE_MIN_BYTES
    assert score(data).outputs == scored.outputs


def test_large_cells_are_read_a_few_times_each(monkeypatch: pytest.MonkeyPatch) -> None:
    read, decode = 0, Encoding.decode

    def counting(self: Encoding, data: bytes, at_end: bool) -> Decoded:
        nonlocal read
        read += len(data)
        return decode(self, data, at_end)

    monkeypatch.setattr(Encoding, "decode", counting)
    data = table(*[f'{number},"{"x" * 50_000}\n"\n' for number in range(200)])
    assert len(score(data, "text", 1_000).reasons) == 200
    assert read < 6 * len(data)


def test_a_search_in_vain_is_counted_on_behind_sound_blocks() -> None:
    lines = ['1,"a\n', *["2,some words\n"] * 20, '3,"d" e\n'] * 30
    data = table("1,good\n" * limits.BATCH_HEADER_MAX_LINES, *lines)
    with limited(BATCH_SEARCH_MAX_CHARS=29 * 260), pytest.raises(FileRefused, match="never closed"):
        score(data, "text", 64, blocks_a_run=1)
