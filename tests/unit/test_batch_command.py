"""What `coldframe batch` and `redrive` show and decide, without a cloud."""

import io
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from coldframe.batch.drop import Drop
from coldframe.errors import ColdframeError
from infra.cli import redrive
from infra.cli.batch import wait as waiting
from infra.cli.batch.folder import Done, Look, is_wanted, look_at, look_of, settled
from infra.cli.batch.keys import KEY_MAX_BYTES, inbox_key
from infra.cli.batch.model import published_model
from infra.cli.batch.report import failure, success, table
from infra.cli.batch.wait import Notices
from infra.cli.notes import CONTROLS, printable
from infra.cli.place import local_outputs
from tests import made

WIDTH = 80
RUNNING = {"state": "running", "rows": 10, "problem": None}
DONE: dict[str, Any] = {
    "state": "done",
    "file": "sentiment/口コミ.csv",
    "model": "sentiment",
    "model_version": "v1.0.0",
    "column": "感想",
    "encoding": "cp932",
    "delimiter": "\t",
    "rows": 1_000_000,
    "scored": 999_990,
    "rejected": 10,
    "reasons": {"is blank": 7, "has 3 cells where the columns line has 12, " * 4: 3},
    "labels": {"とても良い" * 12: 500_000, "negative": 499_990},
}


def drawn(shown: Table) -> str:
    file = io.StringIO()
    Console(file=file, width=WIDTH, markup=False, emoji=False).print(shown)
    return file.getvalue()


def test_a_key_names_the_model_the_file_and_the_column() -> None:
    assert inbox_key("sentiment", "口コミ [1].csv", None) == "sentiment/口コミ [1].csv"
    assert inbox_key("sentiment", "a.csv", "コメ ント+/?=") == (
        "sentiment/a.csv?column=%E3%82%B3%E3%83%A1%20%E3%83%B3%E3%83%88%2B%2F%3F%3D"
    )


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_the_function_reads_from_the_key_the_column_that_was_named(column: str) -> None:
    assert Drop("inbox", inbox_key("sentiment", "a.csv", column), "1", "e").column == column


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("a\n.csv", None),
        ("\x1b[2J.csv", None),
        (os.fsdecode("口コミ.csv".encode("cp932")), None),
        ("a?column=b.csv", None),
        ("口" * 80 + ".csv", None),
        ("a.csv", "口" * 200),
    ],
)
def test_what_can_be_no_key_is_refused_with_the_fix(name: str, column: str | None) -> None:
    with pytest.raises(ColdframeError, match="rename") as refused:
        inbox_key("sentiment", name, column)
    assert not CONTROLS.search(str(refused.value))


def test_the_longest_name_has_room_for_what_comes_back() -> None:
    key = inbox_key("sentiment", "x" * 216 + ".csv", None)
    assert len(key.encode()) < KEY_MAX_BYTES
    back = Drop("inbox", key, "1", "e").rejected_key.rpartition("/")[2]
    assert len(f"{back}.12345678") <= 255  # under which a download grows


def test_a_model_is_looked_up_before_anything_is_uploaded() -> None:
    store = made.memory_store()
    with pytest.raises(ColdframeError, match="coldframe publish"):
        published_model(store, None, "production")
    made.published(store, "v1.0.0")
    store.create("models/halfway/v1.0.0/weights.npz", b"x")
    assert published_model(store, None, "production") == "sentiment"
    assert published_model(store, "sentiment", "production") == "sentiment"
    with pytest.raises(ColdframeError, match="Did you mean sentiment"):
        published_model(store, "sentimnet", "production")
    with pytest.raises(ColdframeError, match="There is sentiment"):
        published_model(store, "halfway", "production")


def test_the_table_counts_every_row_within_80_columns() -> None:
    lines = drawn(table(DONE)).splitlines()
    assert max(map(cell_len, lines)) <= WIDTH
    whole = "\n".join(lines)
    for number in ("1,000,000", "999,990", "100.0%", "500,000", "50.0%", "10", "7", "0.0%"):
        assert number in whole
    assert "とても良い" in whole
    assert list(success(DONE, "口コミ.csv")) == [
        "口コミ.csv is scored by sentiment v1.0.0.",
        "Read as cp932 with tabs; the column 感想 was scored.",
    ]


def test_a_file_without_rows_has_no_shares() -> None:
    empty = {**DONE, "rows": 0, "scored": 0, "rejected": 0, "reasons": {}, "labels": {}}
    assert "%" not in drawn(table(empty))


def test_a_failure_says_what_to_do_and_which_columns_there_are() -> None:
    report = {"state": "failed", "problem": "There is no column text.", "fix": "Name one."}
    assert list(failure(report, "a.csv")) == [
        "a.csv cannot be scored: There is no column text.",
        "What to do: Name one.",
    ]
    assert (
        list(failure({**report, "columns": ["id", "本文"]}, "a.csv"))[-1]
        == "Its columns: id, 本文 (--column NAME chooses one)"
    )


@given(st.text())
def test_nothing_printed_steers_the_terminal(text: str) -> None:
    assert not CONTROLS.search(printable(text))


def test_what_can_be_printed_is_printed_as_it_is() -> None:
    assert printable("口\u3000コミ [red]é") == "口\u3000コミ [red]é"
    assert printable("a\x1b[2J\n\udc8f") == r"a\x1b[2J\n\udc8f"


def test_a_long_silence_is_told_once_and_again_after_a_change() -> None:
    notices, still = Notices("coldframe-dev", 0.0), waiting.STILL_MAX_SECONDS
    assert list(notices.of(None, still - 1)) == []
    (told,) = notices.of(None, still)
    assert "coldframe logs batch --stack coldframe-dev" in told
    assert "coldframe redrive" in told
    assert list(notices.of(None, still + 1)) == []
    assert list(notices.of(RUNNING, still + 2)) == []
    assert list(notices.of(RUNNING, still + 3)) == []
    assert len(list(notices.of(RUNNING, 2 * still + 2))) == 1


def test_each_new_problem_is_told_once() -> None:
    notices = Notices("coldframe-local", 0.0)
    retrying = {**RUNNING, "state": "retrying", "problem": "S3 is away."}
    assert list(notices.of(retrying, 1)) == ["It will be tried again: S3 is away."]
    assert list(notices.of({**retrying, "rows": 11}, 2)) == []
    assert len(list(notices.of({**retrying, "problem": "Another."}, 3))) == 1


def test_a_file_that_is_refused_is_not_said_to_be_tried_again() -> None:
    refused = {"state": "failed", "problem": "No column is named text."}
    assert list(Notices("coldframe-local", 0.0).of(refused, 1)) == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("口コミ.csv", True),
        ("a.csv.gz", True),
        ("book.xlsx", True),  # its report says how to save it as CSV
        (".hidden.csv", False),
        (".~lock.a.csv#", False),
        ("~$book.xlsx", False),
        ("a.csv~", False),
        ("a.csv.part", False),
        ("a.csv.crdownload", False),
    ],
)
def test_what_programs_leave_beside_a_file_is_left_alone(name: str, wanted: bool) -> None:
    assert is_wanted(name) is wanted


def test_a_look_sees_files_that_hold_something(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"text\n")
    (tmp_path / "empty.csv").touch()
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / "scored").mkdir()
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")
    seen = look_at(tmp_path)
    assert list(seen) == ["a.csv"]
    assert seen["a.csv"].size_bytes == 5
    assert look_of(tmp_path / "nowhere") is None


def test_only_what_stood_still_is_taken_up_the_oldest_first() -> None:
    before = {
        "b": Look(1, 5),
        "a": Look(1, 9),
        "grown": Look(1, 1),
        "touched": Look(1, 1),
        "left": Look(1, 1),
    }
    now = {"a": Look(1, 9), "b": Look(1, 5), "grown": Look(2, 1), "touched": Look(1, 2), "new": Look(1, 1)}
    assert settled(before, now) == ["b", "a"]


def test_what_is_done_is_known_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / ".done.json"
    Done(path).add("sentiment/口コミ.csv", Look(5, 7))
    again = Done(path)
    assert again.has("sentiment/口コミ.csv", Look(5, 7))
    assert not again.has("sentiment/口コミ.csv", Look(5, 8))
    assert not again.has("other/口コミ.csv", Look(5, 7))
    assert [one.name for one in tmp_path.iterdir()] == [".done.json"]


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"a": [1]}', "\x00"])
def test_a_damaged_list_of_what_is_done_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / ".done.json"
    path.write_text(content)
    with pytest.raises(ColdframeError, match="delete it"):
        Done(path)


def letter(body: str, sent_ms: int, received: int) -> dict[str, Any]:
    attributes = {"SentTimestamp": str(sent_ms), "ApproximateReceiveCount": str(received)}
    return {"MessageId": body, "Body": body, "Attributes": attributes}


def event(*keys: str) -> str:
    return json.dumps({"Records": [{"s3": {"object": {"key": quote_plus(key)}}} for key in keys]})


def test_dead_letters_are_listed_oldest_first_by_the_files_that_they_name() -> None:
    newer = letter(event("sentiment/口コミ 1.csv"), 1_790_000_060_000, 6)
    older = letter(event("sentiment/a+b.csv?column=x y"), 1_790_000_000_000, 7)
    lines = drawn(redrive.table([newer, older], "Dead letters")).splitlines()
    first, second = (line for line in lines if "sentiment/" in line)
    assert "sentiment/a+b.csv?column=x y" in first
    assert "2026-09-21 14:13" in first
    assert "│        6 │" in first
    assert "sentiment/口コミ 1.csv" in second
    assert "│        5 │" in second
    assert max(map(cell_len, lines)) <= WIDTH


@pytest.mark.parametrize("body", ["no JSON", "[]", "1", '{"Event": "s3:TestEvent"}', '{"Records": [{}]}'])
def test_a_message_that_names_no_file_is_shown_by_its_beginning(body: str) -> None:
    assert redrive.files(body) == [body]


def test_the_local_cloud_has_the_outputs_of_a_stack() -> None:
    outputs = local_outputs("http://127.0.0.1:3001")
    assert outputs["InboxBucketName"] == "coldframe-inbox"
    assert outputs["ResultsBucketName"] == "coldframe-results"
    assert outputs["InboxQueueUrl"].endswith("/123456789012/coldframe-inbox")
    assert outputs["InboxDeadLetterQueueUrl"].endswith("/123456789012/coldframe-inbox-dead-letter")
