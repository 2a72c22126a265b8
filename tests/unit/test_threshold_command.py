"""`coldframe threshold` without a cloud: which column is the truth, and what is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coldframe.errors import ColdframeError, FileRefused
from coldframe.manifest import Manifest
from infra.cli.threshold.chosen import names_to_choose
from infra.cli.threshold.header import UnusableFile, find_columns
from infra.cli.threshold.scored import read_scored
from tests import made

PLAIN = replace(made.manifest("v1.0.0", b""), labels=("hate", "offensive", "benign"), verdict={})
ALARMED = replace(
    PLAIN,
    alarm={"name": "abusive", "labels": ["hate", "offensive"]},
    thresholds={"abusive": {"value": 0.5}, "hate": {"value": 0.3}},
    outcomes=({"when": ["abusive"], "risk_level": "HIGH"}, {"when": [], "risk_level": "LOW"}),
)
SCORES = ["score_hate", "score_offensive", "score_benign"]
ANSWER = ["risk_level", "label_2", "probability", *SCORES]


def file(folder: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    path = folder / "scored.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_the_owners_label_is_taken_and_not_the_models() -> None:
    found = find_columns(["id", "label", *ANSWER], ALARMED, None)
    assert (found.truth, found.first_score) == (1, 4)
    assert found.scored == ("abusive", "hate", "offensive", "benign")
    plain = find_columns(["label", "label_2", *SCORES], PLAIN, None)
    assert (plain.truth, plain.first_score, plain.scored) == (0, 2, PLAIN.labels)
    assert find_columns(["Judged As", "text", "label", *SCORES], PLAIN, "judged as").truth == 0


@pytest.mark.parametrize(
    ("header", "truth", "words"),
    [
        (["text", "risk_level", "label", "probability", *SCORES], None, "what the model answered.*--truth"),
        (["text", "risk_level", "label", "probability", *SCORES], "label", "what the model answered"),
        (["label", *ANSWER], "label_2", "what the model answered"),
        (["label", *ANSWER], "probability", "what the model answered"),
        (["label", *ANSWER], "risk_level", "what the model answered.*Yours: label"),
        (["label", "flags", *ANSWER[1:]], "flags", "what the model answered.*Yours: label"),
        (["kind", *ANSWER], None, "named 'label': name the one with the truth.*Yours: kind"),
        (["Label", "LABEL ", *ANSWER], None, "2 of your columns"),
        (["label", *ANSWER, "note"], None, "does not end with the columns label, probability"),
        (["label", "probability", *SCORES], None, "named 'label'.*Yours: none|what the model answered"),
        (["text", "label", *SCORES, *ANSWER], None, "twice"),
        ([], None, "does not end"),
    ],
)
def test_a_header_without_a_truth_of_the_owners_is_refused(
    header: list[str], truth: str | None, words: str
) -> None:
    with pytest.raises(UnusableFile, match=words):
        find_columns(header, ALARMED, truth)


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ","), ("cp932", ";"), ("utf-16", "\t")])
def test_rows_are_read_and_bad_ones_told_by_line(encoding: str, delimiter: str, tmp_path: Path) -> None:
    rows = [
        ["文", "label", *ANSWER],
        ["一", " Hate ", "HIGH", "hate", "0.9", "0.7", "0.2", "0.1"],
        ["二", "benign", "LOW", "benign", "0.1"],
        ["三", "benign", "LOW", "benign", "0.1", "x", "0.05", "0.9"],
        ["四", "not abusive", "LOW", "benign", "0.2", "0.1", "0.1", "0.8"],
        ["五", "abusive", "LOW", "benign", "0.2", "nan", "0.1", "0.8"],
        ["六", "abusive", "LOW", "benign", "0.3", "0.2", "0.1", "0.7"],
    ]
    text = "\r\n".join(delimiter.join(cells) for cells in rows) + "\r\n\r\n"
    read = read_scored(file(tmp_path, text, encoding), ALARMED, None)
    assert [read.words[place] for place in read.truths] == ["hate", "not abusive", "abusive"]
    assert read.positive("abusive", ALARMED).tolist() == [True, False, True]
    np.testing.assert_array_equal(read.scores["abusive"], [0.9, 0.2, 0.3])
    np.testing.assert_array_equal(read.scores["benign"], [0.1, 0.8, 0.7])
    assert sorted(read.left_out) == [
        "line 3: not as many cells as the header",
        "line 4: a score is not a number from 0 to 1",
        "line 6: a score is not a number from 0 to 1",
    ]
    with pytest.raises(UnusableFile, match=r"Line 5 says 'not abusive'.*hate.*--of abusive"):
        read.positive("hate", ALARMED)


def test_labels_are_read_without_an_alarm(tmp_path: Path) -> None:
    rows = "hate,hate,0.7,0.2,0.1\nbenign,hate,0.5,0.2,0.3\n"
    text = f"label,label_2,{','.join(SCORES)}\n{rows}"
    read = read_scored(file(tmp_path, text), PLAIN, None)
    assert read.positive("hate", PLAIN).tolist() == [True, False]
    assert read.positive("offensive", PLAIN).tolist() == [False, False]


def test_labels_that_differ_in_case_only_are_told_apart(tmp_path: Path) -> None:
    manifest = replace(PLAIN, labels=("it", "IT", "other"))
    rows = "".join(f"{truth},it,0.7,0.2,0.1\n" for truth in ("it", "IT", "Other"))
    read = read_scored(file(tmp_path, f"label,label_2,score_it,score_IT,score_other\n{rows}"), manifest, None)
    assert read.truths.tolist() == [0, 1, 2]


def test_truths_that_are_no_label_are_refused_by_line(tmp_path: Path) -> None:
    rows = "".join(f"{label},LOW,benign,0.1,0.05,0.05,0.9\n" for label in ("hate", "", *["hatte"] * 5))
    with pytest.raises(
        UnusableFile,
        match="^6 of the truths are none of hate, offensive, benign, abusive, not abusive "
        r"\(line 3: ''; line 4: 'hatte'; .*line 7: 'hatte' and 1 more\)",
    ):
        read_scored(file(tmp_path, f"label,{','.join(ANSWER)}\n{rows}"), ALARMED, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("text,label\nx,hate\n", "coldframe batch FILE --model sentiment"),
        ("", "empty"),
        ("PK\x03\x04", "Excel"),
    ],
)
def test_a_file_that_was_not_scored_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises((UnusableFile, FileRefused), match=words):
        read_scored(file(tmp_path, text, "utf-8"), ALARMED, None)


@pytest.mark.parametrize(
    ("manifest", "of", "names"),
    [
        (ALARMED, None, ("abusive", "hate")),
        (ALARMED, "offensive", ("offensive",)),
        (PLAIN, None, PLAIN.labels),
        (replace(ALARMED, thresholds={}), None, (*PLAIN.labels, "abusive")),
    ],
)
def test_all_that_have_a_threshold_get_a_new_one(
    manifest: Manifest, of: str | None, names: tuple[str, ...]
) -> None:
    assert names_to_choose(manifest, of) == names


def test_what_can_have_no_threshold_is_refused() -> None:
    with pytest.raises(ColdframeError, match="take hate, offensive, benign, abusive"):
        names_to_choose(ALARMED, "spam")
    with pytest.raises(ColdframeError, match="verdict"):
        names_to_choose(made.manifest("v1.0.0", b""), None)
