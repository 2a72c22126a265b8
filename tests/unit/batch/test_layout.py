import random

import pytest

from coldframe import limits
from coldframe.batch.layout import Layout, read_layout
from coldframe.errors import FileRefused
from tests.tables import limited, opened, score

SAVE_AS_CSV = "open it in the spreadsheet, choose Save As, take the type “CSV UTF-8”, and use that file"


def layout(text: str, wanted: str = "text") -> Layout:
    return read_layout(opened(text.encode()), wanted)[0]


def refusal(data: bytes, wanted: str = "text") -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read_layout(opened(data), wanted)
    return caught.value


@pytest.mark.parametrize("header", ["text", "text\n", "text\r", "\n\r\n\ntext\r\n", '"text"', "text\n\n\n"])
def test_a_header_alone_has_no_rows(header: str) -> None:
    scored = score(header.encode())
    assert scored.layout.header == ["text"]
    assert scored.outputs == ("\ufefftext,label,score_long,score_short\r\n", "\ufeffline,reason,text\r\n")


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n\r\n", b"\xef\xbb\xbf", b"\xff\xfe\n\0"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert refusal(data).problem == "The file is empty"
    assert refusal(data).fix == "give a CSV file whose first row names its columns"


@pytest.mark.parametrize(
    ("header", "delimiter", "column"),
    [
        ("id,text", ",", 1),
        ("id;text", ";", 1),
        ("id\ttext", "\t", 1),
        ("price, in yen;text;size, in m, or cm, or mm", ";", 1),
        ('"a;b;c;d",text', ",", 1),
        ("text", ",", 0),
        ('"lines\r\nand;lines",text', ",", 1),
    ],
)
def test_the_delimiter_is_the_one_that_finds_the_column(header: str, delimiter: str, column: int) -> None:
    found = layout(f"{header}\r\n1,2\r\n")
    assert (found.delimiter, found.column) == (delimiter, column)


@pytest.mark.parametrize("name", ["TEXT", " text ", "Ｔｅｘｔ", "\u3000ｔｅｘｔ"])
def test_a_name_may_differ_in_case_width_and_outer_spaces(name: str) -> None:
    assert layout(f"id,{name}\n").column == 1


def test_the_exact_name_goes_before_others() -> None:
    assert layout("Text,TEXT,text\n").column == 2
    assert layout("id,本文\n", "本文").column == 1


@pytest.mark.parametrize("header", ["text,id,text", "Text,TEXT"])
def test_one_name_on_two_columns_is_refused(header: str) -> None:
    found = refusal(header.encode())
    assert found.problem == '2 columns are named "text"'
    assert found.columns == header.split(",")


def test_other_columns_may_share_a_name() -> None:
    assert layout("id,id,text\n").column == 2


def test_a_missing_column_is_refused_with_the_columns_and_the_nearest() -> None:
    found = refusal(b"id,texts,date\n")
    assert found.problem == 'No column is named "text" (is it "texts"?)'
    assert found.fix == 'call the column of the texts "text", or drop the file as NAME.csv?column=ITS-NAME'
    assert found.columns == ["id", "texts", "date"]


def test_no_hint_where_nothing_is_near() -> None:
    assert refusal("番号,日付\n".encode()).problem == 'No column is named "text"'


def test_a_refusal_shows_so_many_columns_and_so_much_of_each() -> None:
    found = refusal(b",".join([b"x" * 1_000] * 100))
    assert found.columns == ["x" * limits.BATCH_COLUMN_SHOWN_CHARS] * limits.BATCH_COLUMNS_SHOWN_COUNT


def test_5_000_columns() -> None:
    names = [f"column {index}" for index in range(4_999)]
    row = [str(index) for index in range(4_999)]
    scored = score("\r\n".join([",".join([*names, "text"]), ",".join([*row, "good"]), "short"]).encode())
    assert scored.result_rows == [[*row, "good", "short", "0.004", "0.996"]]
    assert scored.reasons == {3: "not as many cells as the header"}


def test_a_lone_mark_in_the_header_keeps_to_its_line() -> None:
    data = b'id,text,"note\n1,a,"b"\n'
    assert refusal(data).columns == ['id,text,"note']


def test_damaged_bytes_in_the_header_are_shown() -> None:
    found, line = read_layout(opened("本文,text,".encode() + b"\xff\n"), "text")
    assert found.header == ["本文", "text", r"\xff"]
    assert line == 2


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        ("504b0304", "a ZIP file, such as an Excel workbook (.xlsx)"),
        ("d0cf11e0a1b11ae1", "an old Office document, such as an Excel workbook (.xls)"),
        ("255044462d312e37", "a PDF"),
        ("50415231", "a Parquet file"),
        ("89504e470d0a1a0a", "a picture"),
        ("ffd8ffe0", "a picture"),
    ],
)
def test_a_binary_file_is_refused_with_what_to_do(start: str, kind: str) -> None:
    found = refusal(bytes.fromhex(start) + bytes(range(256)))
    assert found.problem == f"This is not a CSV file but {kind}"
    assert found.fix == SAVE_AS_CSV


def test_other_binary_data_are_refused() -> None:
    found = refusal(b"text\n" + bytes(range(256)) * 4 + bytes(200))
    assert found.problem == "This is not a CSV file: it holds binary data"
    assert found.fix == SAVE_AS_CSV


def test_a_header_that_does_not_end_is_refused() -> None:
    with limited(BATCH_SAMPLE_BYTES=100):
        assert refusal(b"text," * 100).problem == "The first line does not end"


@pytest.mark.parametrize("seed", range(10))
def test_packed_data_are_told_by_their_control_characters(seed: int) -> None:
    data = b"text,7z" + random.Random(seed).randbytes(5_000)
    assert refusal(data).problem == "This is not a CSV file: it holds binary data"


def test_iso_2022_jp_is_not_taken_for_ascii() -> None:
    found = refusal("番号,text\n1,良い\n".encode("iso-2022-jp"))
    assert "ISO-2022-JP" in found.problem
    assert found.fix == SAVE_AS_CSV
