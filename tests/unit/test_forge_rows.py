"""Reading rows: what is kept, and how a file that falls short is told so."""

from pathlib import Path

import pytest

from models.forge.rows import ROWS_MIN_COUNT, Rows, UnusableRows, read_rows
from tests.generated import labelled_texts, write_csv

TWO, THREE = ("positive", "negative"), ("positive", "neutral", "negative")
NAMES = {
    "positive": "positive",
    "neutral": "neutral",
    "negative": "negative",
    "1": "positive",
    "0": "negative",
}


def read(folder: Path, *paths: Path) -> Rows:
    extra = write_csv(folder / "extra.csv", [("追加の良い行", "positive"), ("追加の普通の行", "neutral")])
    return read_rows(paths, THREE, NAMES, extra)


def test_sources_of_two_and_three_labels(tmp_path: Path) -> None:
    two = write_csv(tmp_path / "two.csv", labelled_texts(60, TWO, seed=1))
    three = write_csv(tmp_path / "three.csv", labelled_texts(90, THREE, seed=2))
    rows = read(tmp_path, two, three)
    assert rows.labels == THREE
    assert rows.source_names == ("two", "three", "extra")
    assert len(rows.texts) == 152
    assert rows.candidates[rows.sources == 0].all(axis=0).tolist() == [True, False, True]
    assert rows.candidates[rows.sources == 1].all()
    assert rows.warnings == ["150 rows are few: figures on them are good to about 8 points."]


def test_a_label_that_no_row_has_is_left_out_and_the_extra_rows_bring_none(tmp_path: Path) -> None:
    rows = read(tmp_path, write_csv(tmp_path / "own.csv", labelled_texts(60, TWO)))
    assert rows.labels == TWO
    assert len(rows.texts) == 61


def test_a_file_for_each_label(tmp_path: Path) -> None:
    texts = labelled_texts(60, TWO)
    paths = [write_csv(tmp_path / f"{label}.csv", [row for row in texts if row[1] == label]) for label in TWO]
    assert read(tmp_path, *paths).candidates.all()


def test_ones_and_zeros(tmp_path: Path) -> None:
    numbers = [(text, "1" if label == "positive" else "0") for text, label in labelled_texts(60, TWO)]
    rows = read(tmp_path, write_csv(tmp_path / "own.csv", numbers))
    assert (rows.targets[:60] == [0, 1] * 30).all()


def test_repeated_and_empty_rows_are_left_out_and_named(tmp_path: Path) -> None:
    texts = labelled_texts(60, TWO)
    split = " ".join(texts[0][0])
    path = write_csv(tmp_path / "own.csv", [*texts, (split, "negative"), (" \u3000", "positive")])
    rows = read(tmp_path, path)
    assert len(rows.texts) == 61
    assert rows.warnings == [
        "own: left out 1 rows without text (first lines: 63).",
        "own: left out 1 rows whose text an earlier row has.",
        "60 rows are few: figures on them are good to about 13 points.",
        "No row is 'neutral': the model will not know that label.",
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (labelled_texts(60, TWO)[:30], f"15 rows are 'positive'; at least {ROWS_MIN_COUNT}.*add 5"),
        ([row for row in labelled_texts(60, TWO) if row[1] == "positive"], "two labels or more"),
        ([], "two labels or more"),
        (
            [("良い", "good"), ("悪い", "bad")],
            "2 unknown labels .line 2: 'good', line 3: 'bad'.*Use one of positive",
        ),
        ([(f"{n}", "x") for n in range(9)], "9 unknown labels .*line 6: 'x' and 4 more"),
    ],
)
def test_rows_that_fall_short(tmp_path: Path, rows: list[tuple[str, str]], message: str) -> None:
    path = write_csv(tmp_path / "own.csv", rows)
    with pytest.raises(UnusableRows, match=message):
        read(tmp_path, path)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (("texts", "label"), "own.csv: line 1 has no column 'text': rename 'texts' to 'text'"),
        (("text", "lable"), "rename 'lable' to 'label'"),
        (("q", "w"), "name the columns text, label"),
    ],
)
def test_a_missing_column_names_the_nearest(tmp_path: Path, header: tuple[str, str], message: str) -> None:
    path = write_csv(tmp_path / "own.csv", labelled_texts(60, TWO), header)
    with pytest.raises(UnusableRows, match=message):
        read(tmp_path, path)


def test_another_encoding_names_the_fix(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes("text,label\n良い,positive\n".encode("cp932"))
    with pytest.raises(UnusableRows, match=r"own.csv: byte 11 is not UTF-8.*iconv -f CP932"):
        read(tmp_path, path)


def test_a_byte_order_mark_and_short_lines_are_read(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "own.csv", labelled_texts(60, TWO))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read(tmp_path, path).texts) == 61
    path.write_text("text,label\n良い\n", encoding="utf-8")
    with pytest.raises(UnusableRows, match="line 2: ''"):
        read(tmp_path, path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnusableRows, match="not a readable CSV"):
        read(tmp_path, tmp_path / "none.csv")
