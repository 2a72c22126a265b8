"""Reading rows: what is kept, and how a file that falls short is told so."""

import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.forge.csv_file import UnusableRows
from models.forge.rows import ROWS_MIN_COUNT, Rows, read_rows
from tests.generated import labelled_texts, write_csv

MAX_CHARS = 1_000  # of a text that the API takes
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
    return read_rows(paths, THREE, NAMES, MAX_CHARS, {}, extra)


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


def read_alarmed(*paths: Path) -> Rows:
    names = {label: label for label in (*THREE, "extreme")}
    return read_rows(paths, THREE, names, MAX_CHARS, {"name": "extreme", "labels": list(TWO)})


def test_rows_that_are_known_by_the_alarm_alone(tmp_path: Path) -> None:
    three = write_csv(tmp_path / "three.csv", labelled_texts(90, THREE, seed=2))
    alarmed = [
        (text, "extreme" if label == "positive" else label)
        for text, label in labelled_texts(60, ("positive", "neutral"), seed=1)
    ]
    rows = read_alarmed(three, write_csv(tmp_path / "alarmed.csv", alarmed))
    assert rows.labels == THREE
    assert rows.alarm is not None
    assert rows.alarm.tolist() == [True, False, True]
    assert rows.candidates.all()
    assert rows.targets[90:92].tolist() == [3, 1]
    assert rows.members[[0, 90, 91]].tolist() == [
        [True, False, False],
        [True, False, True],
        [False, True, False],
    ]
    assert not any("extreme" in line for line in rows.warnings)


def test_of_what_it_is_known_whether_it_is_so(tmp_path: Path) -> None:
    three = write_csv(tmp_path / "three.csv", labelled_texts(60, THREE, seed=2))
    two = write_csv(tmp_path / "two.csv", labelled_texts(20, TWO, seed=1))
    alarmed = write_csv(tmp_path / "alarmed.csv", [("かなり", "extreme"), ("そこそこ", "neutral")])
    rows = read_alarmed(three, two, alarmed)
    known, inside = rows.known(np.array([True, False, True]))  # whether it is extreme
    assert known[:60].all()
    assert not known[60:80].any()  # of two labels: what it would be called among three, nobody knows
    assert known[80:].all()
    assert inside[[0, 1, 2, 80, 81]].tolist() == [True, False, True, True, False]
    known, inside = rows.known(np.array([True, False, False]))  # whether it is positive
    assert known[[0, 1, 2, 60, 80, 81]].tolist() == [True, True, True, False, False, True]
    assert inside[[0, 1, 2, 81]].tolist() == [True, False, False, False]


def test_a_file_of_alarmed_rows_alone_is_one_of_a_file_for_each_label(tmp_path: Path) -> None:
    three = write_csv(tmp_path / "three.csv", labelled_texts(90, THREE, seed=2))
    alarmed = write_csv(tmp_path / "alarmed.csv", [("かなり", "extreme"), ("とても", "extreme")])
    assert read_alarmed(three, alarmed).candidates.all()


def test_a_source_that_is_the_extra_one_too_is_used_once(tmp_path: Path) -> None:
    own = write_csv(tmp_path / "own.csv", labelled_texts(60, TWO))
    assert len(read_rows([own], THREE, NAMES, MAX_CHARS, {}, own).texts) == 60


def test_strata_are_sources_and_targets(tmp_path: Path) -> None:
    paths = [write_csv(tmp_path / f"{seed}.csv", labelled_texts(60, THREE, seed)) for seed in (1, 2)]
    rows = read(tmp_path, *paths)
    pairs = set(zip(rows.sources.tolist(), rows.targets.tolist(), rows.strata.tolist(), strict=True))
    assert len(pairs) == len({stratum for *_, stratum in pairs}) == 8


def test_ones_and_zeros(tmp_path: Path) -> None:
    numbers = [(text, "1" if label == "positive" else "0") for text, label in labelled_texts(60, TWO)]
    rows = read(tmp_path, write_csv(tmp_path / "own.csv", numbers))
    assert (rows.targets[:60] == [0, 1] * 30).all()


def test_repeated_and_empty_rows_are_left_out_and_named(tmp_path: Path) -> None:
    texts = labelled_texts(60, TWO)
    split = " ".join(texts[0][0])
    rows = read(
        tmp_path, write_csv(tmp_path / "own.csv", [*texts, (split, texts[0][1]), (" \u3000", "positive")])
    )
    assert len(rows.texts) == 61
    assert rows.warnings == [
        "own: left out 1 row without text (line 63).",
        "own: left out 1 row whose text an earlier row has.",
        "60 rows are few: figures on them are good to about 13 points.",
        "No row is 'neutral': the model will not know that label.",
    ]
    path = write_csv(tmp_path / "own.csv", [*texts, texts[0], texts[1], ("", ""), (" ", "1")])
    assert read(tmp_path, path).warnings[:2] == [
        "own: left out 2 rows without text (lines 64, 65).",
        "own: left out 2 rows whose text an earlier row has.",
    ]


def test_contradicting_rows_are_left_out_and_named(tmp_path: Path) -> None:
    texts = labelled_texts(60, TWO)
    own = write_csv(tmp_path / "own.csv", texts)
    more = write_csv(
        tmp_path / "more.csv", [("また来る", "positive"), (texts[2][0], "negative"), ("また来る", "0")]
    )
    rows = read(tmp_path, own, more)
    assert len(rows.texts) == 62
    assert rows.targets[2] == 0
    assert rows.warnings[0] == (
        "more: left out 2 rows, contradicting an earlier one of the same text"
        " (line 3 says negative but own line 4 positive, line 4 says negative but more line 2 positive)."
    )


def test_texts_that_the_api_would_refuse_are_named_and_kept(tmp_path: Path) -> None:
    odd = [
        ("長" * MAX_CHARS, "positive"),
        ("長" * (MAX_CHARS + 1), "positive"),
        ("良\0い", "positive"),
    ]
    rows = read(tmp_path, write_csv(tmp_path / "own.csv", [*labelled_texts(60, TWO), *odd]))
    assert len(rows.texts) == 64
    assert rows.warnings[0] == (
        "own: trained on 2 texts that the API would refuse (lines 63, 64):"
        " over 1,000 characters, or with U+0000."
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (labelled_texts(60, TWO)[:30], f"'positive' has 15 rows; at least {ROWS_MIN_COUNT}.*add 5"),
        ([row for row in labelled_texts(60, TWO) if row[1] == "positive"], "two labels or more"),
        ([], "two labels or more"),
        (
            [("良い", "good"), ("悪い", "bad")],
            "2 unknown labels .line 2: 'good', line 3: 'bad'.*Use one of positive",
        ),
        ([("良い", "1"), ("悪い", "0")], "'positive' has 1 row; at least"),
        ([("良い", "good")], r"own.csv: 1 unknown label \(line 2: 'good'\)"),
        ([("良い", "1"), ("悪い", " ")], "own.csv: line 3 has no label. Use one of positive"),
        ([("良い", ""), ("悪い", "")], "own.csv: lines 2, 3 have no label"),
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
        (("text", " Labels"), "rename ' Labels' to 'label'"),
        (("q", "w"), "name the columns text, label"),
    ],
)
def test_a_missing_column_names_the_nearest(tmp_path: Path, header: tuple[str, str], message: str) -> None:
    path = write_csv(tmp_path / "own.csv", labelled_texts(60, TWO), header)
    with pytest.raises(UnusableRows, match=message):
        read(tmp_path, path)


def test_a_header_in_capitals_and_with_blanks(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "own.csv", labelled_texts(60, TWO), (" TEXT", "Label\u3000"))
    assert len(read(tmp_path, path).texts) == 61


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,label\n良い,positive\n".encode("cp932"), r"own.csv: byte 11 is not UTF-8.*iconv -f CP932"),
        (b"PK\x03\x04\x14", "own.csv is an Excel workbook: save it as CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1", "own.csv is an Excel workbook: save it as CSV UTF-8"),
        (b"", "own.csv is empty"),
        (b"\xef\xbb\xbf\r\n", "own.csv is empty"),
        (b'text,label\n\n"a\nb",1\n"c,0\nd,1\n', "own.csv: a quote opens on line 5 and is not closed"),
        (b'text,label\n"a"b,1\n', "own.csv: a quote opens on line 2 and is not closed, or closed too early"),
        (b'text,label\n"a,1\nb,"0"\n', "a quote opens on line 2"),
        ("text,label\n良い\n".encode(), "line 2 has no label"),
    ],
)
def test_a_file_of_another_form_names_the_fix(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(content)
    with pytest.raises(UnusableRows, match=message):
        read(tmp_path, path)


def run_advice(path: Path, advice: str) -> None:
    """Run the line that a message ends in, as its reader would."""
    command = advice.rpartition("run: ")[2].replace("python3", shlex.quote(sys.executable))
    subprocess.run(command, shell=True, check=True, cwd=path.parent)


@pytest.mark.parametrize(("separator", "name"), [(";", "';'"), ("\t", "a tab")])
def test_another_separator_is_named_and_the_command_mends_it(
    tmp_path: Path, separator: str, name: str
) -> None:
    path = tmp_path / "own rows.csv"
    lines = [("text", "label"), *labelled_texts(60, TWO), ("良い, 安い", "positive")]
    path.write_text("\n".join(f'"{text}"{separator}{label}' for text, label in lines), encoding="utf-8")
    with pytest.raises(UnusableRows, match=f"own rows.csv has {name} between its columns") as raised:
        read(tmp_path, path)
    run_advice(path, str(raised.value))
    assert "良い, 安い" in read(tmp_path, tmp_path / "commas.csv").texts


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_named_and_the_command_mends_it(tmp_path: Path, encoding: str) -> None:
    path = write_csv(tmp_path / "own rows.csv", labelled_texts(60, TWO))
    path.write_bytes(("\ufeff" + path.read_text(encoding="utf-8")).encode(encoding))
    with pytest.raises(UnusableRows, match=r"own rows.csv is UTF-16.*iconv -f UTF-16") as raised:
        read(tmp_path, path)
    run_advice(path, str(raised.value))
    assert len(read(tmp_path, tmp_path / "utf8.csv").texts) == 61


def test_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "own.csv", labelled_texts(60, TWO))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read(tmp_path, path).texts) == 61


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UnusableRows, match=r"none.csv does not exist"):
        read(tmp_path, tmp_path / "none.csv")
    with pytest.raises(UnusableRows, match="cannot be read: Is a directory"):
        read(tmp_path, tmp_path)
