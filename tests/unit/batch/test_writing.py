import pytest

from coldframe.batch.rows import Reject
from coldframe.batch.writing import (
    csv_text,
    harmless,
    header_text,
    rejects_header,
    rejects_text,
    result_text,
)
from tests.tables import read_csv, score

FORMULAS = [
    *(
        "=1+1",
        "=",
        "+SUM(A1)",
        "-",
        "--1",
        "@cmd",
        "-1-1",
        "+1+cmd",
        "+81-3-1234-5678",
        "\t=1",
        "\r=1",
        "\n=1",
    ),
    *("＝1", "＋a", "－a", "＠a", "－5", "-5円", "-1,,5", "-e5", "+", "-1e", "-%", "-1\n", "-.", "+ 1"),
]
OTHERS = [
    *(
        "-5",
        "+3.2",
        "-1,234.5",
        "1e-5",
        "-1e-5",
        "+1E+10",
        "12%",
        "-12.5%",
        "-0,5",
        "-.5",
        "+,5",
        "-1.234.567,89",
    ),
    *("", "a", "'=1", " =1", "a=1", "1-1", "良い-", "-５"),
]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_gets_an_apostrophe(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", OTHERS)
def test_numbers_and_other_cells_are_not_touched(cell: str) -> None:
    assert harmless(cell) == cell


def test_a_long_number_is_told_in_one_pass() -> None:
    assert harmless("-" + "1," * 100_000 + "x").startswith("'-")


def test_a_row_is_written_anew_only_where_a_cell_is_a_formula() -> None:
    scored = score(b'id,note,text\n"1","a",good\n"2","=1",good\n3,-5,"good"\n')
    assert scored.result.splitlines()[1:] == [
        '"1","a",good,short,0.004,0.996',
        "2,'=1,good,short,0.004,0.996",
        '3,-5,"good",short,0.004,0.996',
    ]


def test_formulas_in_headers_and_rejects_are_harmless_too() -> None:
    scored = score(b"=1+1,text\n@a,\n")
    assert scored.layout.header == ["=1+1", "text"]
    assert scored.result == "\ufeff'=1+1,text,label,score_long,score_short\r\n"
    assert scored.rejects == "\ufeffline,reason,'=1+1,text\r\n2,the text is blank,'@a,\r\n"


def test_the_text_is_scored_as_it_stands_and_not_as_it_is_written() -> None:
    scored = score(b"text\n=1+1\n")
    assert scored.texts == ["=1+1"]
    assert scored.result_rows[0][0] == "'=1+1"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_kept_and_lines_end_as_rfc_4180_has_it(delimiter: str) -> None:
    scored = score(f"id{delimiter}text\n1{delimiter}good\r2{delimiter}\n".encode())
    assert scored.result.split("\r\n")[1] == delimiter.join(["1", "good", "short", "0.004", "0.996"])
    assert scored.rejects.split("\r\n")[1] == delimiter.join(["3", "the text is blank", "2", ""])
    assert "\n" not in (scored.result + scored.rejects).replace("\r\n", "")


def test_words_with_a_delimiter_are_quoted() -> None:
    text = result_text([["a"]], ["a"], [(("b;c",), (0.5,))], ";")
    assert text == 'a;"b;c";0.5\r\n'


def test_no_rows_make_no_text() -> None:
    assert result_text([], [], [], ",") == ""
    assert rejects_text([], ",") == ""


def test_a_column_that_is_there_already_keeps_its_name() -> None:
    header = ["text", "label", "label_2", "score"]
    names = read_csv(header_text(header, ("label", "score", "score_2", "new"), ","), ",", strict=True)[0]
    assert names == [*header, "label_3", "score_2", "score_2_2", "new"]
    assert len(set(names)) == len(names)


def test_rejects_show_line_reason_and_the_rows_own_cells() -> None:
    header = rejects_header(["id", "text"], ",")
    text = rejects_text([Reject(7, "why", ["a", 'say "hi"', "two\r\nlines", "\udcff"])], ",")
    rows = read_csv(header + text, ",", strict=True)
    assert rows == [["line", "reason", "id", "text"], ["7", "why", "a", 'say "hi"', "two\r\nlines", r"\xff"]]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_line_ends_in_cells_stay_as_they_are(end: str) -> None:
    scored = score(f'text,note\n"one{end}two",=1\n"one{end}two",2\n'.encode())
    assert [row[0] for row in scored.result_rows] == [f"one{end}two"] * 2


def test_a_row_of_one_empty_cell_is_not_a_blank_line() -> None:
    assert csv_text([[""]], ",") == '""\r\n'
    assert score(b'text\n""\n\n').reasons == {2: "the text is blank"}
