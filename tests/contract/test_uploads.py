"""A CSV in a form, and scored in the answer: event in and answer out, with the weights in a real S3 API."""

import csv
import gzip
import hashlib
import io
import json
from typing import Any

import pytest

from coldframe import limits
from tests.forms import BOUNDARY, CONTENT_TYPE, file_form, form, part
from tests.handlers import Client, load_function

CSV = "id,text\n1,良い商品\n2,\n3,最悪です\n4\n"


@pytest.fixture
def client(lambda_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Client:
    for name, value in lambda_environment.items():
        monkeypatch.setenv(name, value)
    return Client(load_function("sentiment").handler)


def send(client: Client, body: bytes, content_type: str | None = CONTENT_TYPE) -> dict[str, Any]:
    return client.answer("POST", "/sentiment/batch", body, content_type)


def refused(client: Client, body: bytes, content_type: str | None = CONTENT_TYPE) -> tuple[int, Any]:
    answer = send(client, body, content_type)
    assert answer["headers"]["content-type"] == "application/problem+json"
    return answer["statusCode"], json.loads(answer["body"])


def test_the_csv_comes_back_with_the_apis_predictions(client: Client) -> None:
    answer = send(client, file_form(CSV.encode()))
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer["body"].startswith("\ufeffid,text,result,label,score,score_positive,")
    rows = list(csv.DictReader(io.StringIO(answer["body"][1:], newline="")))
    assert [(row["id"], row["text"]) for row in rows] == [("1", "良い商品"), ("3", "最悪です")]
    for row in rows:
        one = client.predict({"text": row["text"]})[2]
        assert (row["result"], row["label"]) == (one["result"], one["label"])
        assert (float(row["score"]), float(row["score_positive"])) == (
            one["score"],
            one["scores"]["positive"],
        )


def test_headers_say_how_many_rows_and_which_are_left_out(client: Client) -> None:
    headers = send(client, file_form(CSV.encode()))["headers"]
    assert headers["x-model-version"] == "v1.0.0"
    assert (headers["x-rows-scored"], headers["x-rows-rejected"]) == ("2", "2")
    assert headers["x-rejected-lines"] == "3: the text is blank; 5: not as many cells as the header"
    assert headers["x-rejects-file"] == "POST /v1/batches"
    headers = send(client, file_form(b"id,text\n" + b"1,\n" * 9))["headers"]
    assert (headers["x-rows-rejected"], headers["x-rejected-lines"].count(":")) == ("9", 5)
    headers = send(client, file_form(b"text\ngood\n"))["headers"]
    assert headers["x-rows-rejected"] == "0"
    assert "x-rejected-lines" not in headers


@pytest.mark.parametrize(
    "content",
    [CSV.encode("utf-8-sig"), CSV.encode("cp932"), CSV.encode("utf-16"), gzip.compress(CSV.encode())],
    ids=["UTF-8 with a mark", "CP932", "UTF-16", "gzip"],
)
def test_whatever_a_spreadsheet_writes_is_read(client: Client, content: bytes) -> None:
    assert send(client, file_form(content))["body"] == send(client, file_form(CSV.encode()))["body"]


def test_a_semicolon_stays_one(client: Client) -> None:
    body = send(client, file_form(CSV.replace(",", ";").encode()))["body"]
    assert body == send(client, file_form(CSV.encode()))["body"].replace(",", ";")


def test_another_column_can_be_named(client: Client) -> None:
    body = send(client, file_form("本文,text\n良い,\n".encode(), column="本文"))["body"]
    assert body.splitlines()[1].startswith("良い,,")


def test_a_file_without_rows_comes_back_with_its_header(client: Client) -> None:
    answer = send(client, file_form(b"id,text\n"))
    assert (answer["statusCode"], answer["headers"]["x-rows-scored"]) == (200, "0")
    assert answer["body"].count("\r\n") == 1


@pytest.mark.parametrize(
    ("name", "saved_as"),
    [
        ("reviews.csv", 'attachment; filename="reviews.scored.csv"'),
        ("a b.CSV.gz", 'attachment; filename="a b.scored.csv"'),
        ("C:\\x\\声.tsv", "attachment; filename=\"_.scored.csv\"; filename*=UTF-8''%E5%A3%B0.scored.csv"),
        ("../../etc/\tpass\u202ewd", 'attachment; filename="passwd.scored.csv"'),
        (".csv", 'attachment; filename="file.scored.csv"'),
        ("", 'attachment; filename="file.scored.csv"'),
    ],
)
def test_the_answer_is_saved_under_the_files_name(client: Client, name: str, saved_as: str) -> None:
    assert send(client, file_form(b"text\ngood\n", name))["headers"]["content-disposition"] == saved_as


def test_a_name_cannot_end_its_header(client: Client) -> None:

    from coldframe import responses

    written = responses.attachment('"; filename="evil.exe')
    assert written == (
        "attachment; filename=\"_; filename=_evil.exe\"; filename*=UTF-8''%22%3B%20filename%3D%22evil.exe"
    )


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        (form(), "/file", "is required: send a form"),
        (b"", "/file", "is required"),
        (b"nonsense", "", "no such form"),
        (file_form(b"text\ngood\n")[:-60], "/file", "is required"),
        (form(part("file", b"text\ngood\n")), "/file", "no file name"),
        (
            form(part("file", b"text\n", "a.csv"), part("file", b"text\n", "b.csv")),
            "",
            "Maximum number of files",
        ),
        (form(part("column", b"a"), part("column", b"b")), "", "Maximum number of fields"),
        (form(part("file", b"text\n", "a.csv"), part("a/b", b"1")), "/a~1b", "remove it"),
        (form(part("column", b"text\n", "a.csv")), "/file", "is required"),
        (file_form(b"text\ngood\n", column="x" * 1_001), "/column", "more than 1,000 characters"),
        (file_form(b"text\ngood\n", column="x" * 2_000_000), "", "Part exceeded maximum size"),
        (file_form(b""), "/file", "empty: give a CSV file"),
        (file_form(b"text\n" + b"\0" * 99), "/file", "binary data"),
        (file_form(b"PK\x03\x04"), "/file", "Excel"),
        (file_form("text\n良い".encode("iso-2022-jp")), "/file", "ISO-2022-JP"),
        (file_form(gzip.compress(b"text\ngood\n")[:-9]), "/file", "damaged or cut short: pack the file anew"),
        (file_form(b"id,texts\n"), "/column", 'is it "texts"'),
        (
            file_form(b"id,texts\n"),
            "/column",
            "or send its name as the form's field column. The file has: id, texts",
        ),
        (file_form(b"text,text\n"), "/column", "leave that name to one of them"),
        (form(b"Content-Disposition: form-data\r\n\r\n"), "", "no such form"),
        (form(f"--{BOUNDARY}\r\n\r\nno name\r\n".encode()), "", "no such form"),
    ],
)
def test_a_wrong_form_or_file_is_answered_with_the_field_and_the_fix(
    client: Client, body: bytes, pointer: str, words: str
) -> None:
    status, problem = refused(client, body)
    (error,) = problem["errors"]
    assert (status, error["pointer"]) == (422, pointer), error
    assert words in error["detail"]


@pytest.mark.parametrize(
    "content_type", [None, "text/csv", "application/json", "multipart/mixed; boundary=a"]
)
def test_only_forms_are_taken(client: Client, content_type: str | None) -> None:
    status, problem = refused(client, file_form(CSV.encode()), content_type)
    assert status == 415
    assert "multipart/form-data" in problem["detail"]


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", f"{CONTENT_TYPE}; charset=undefined"],
)
def test_a_form_without_a_boundary_or_with_no_charset_is_refused(client: Client, content_type: str) -> None:
    assert refused(client, file_form(CSV.encode()), content_type)[0] == 422


@pytest.mark.parametrize(
    "content",
    [
        b"id,text\n" + b"1,a good one\n" * (limits.UPLOAD_MAX_BYTES // 13),
        gzip.compress(b"id,text\n" + b"1,a good one\n" * 400_000),
        b"id,text\n" + b"1,a good one\n" * 60_000,
        b"id,text\n" + b"\n" * (limits.UPLOAD_LINES_MAX_COUNT + 1),
        b'id,text\n"",""\n' * 200_000,
    ],
    ids=[
        "too large",
        "too large unpacked",
        "too large an answer",
        "too many lines",
        "too many that are blank",
    ],
)
def test_what_does_not_fit_is_sent_to_the_batches_before_anything_is_scored(
    client: Client, content: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    status, problem = refused(client, file_form(content))
    assert (status, problem["type"]) == (413, "urn:coldframe:problem:too-large")
    assert "POST /v1/batches takes files of any size" in problem["detail"]
    assert "PredictMs" not in capfd.readouterr().out


def test_a_file_of_four_megabytes_is_taken(client: Client) -> None:
    content = b"id,text\n" + (b"1," + b"a good one " * 80 + b"\n") * 4_500
    padded = content + b"1," + b"x" * (limits.UPLOAD_MAX_BYTES - len(content) - 2)
    answer = send(client, file_form(padded))
    assert (answer["statusCode"], answer["headers"]["x-rows-scored"]) == (200, "4500")
    assert answer["headers"]["x-rejected-lines"] == "4502: the text is longer than 1,000 characters"
    assert send(client, file_form(padded + b"x"))["statusCode"] == 413


def test_marks_that_are_never_closed_cost_a_bounded_search(client: Client) -> None:
    never_closed = b'xxxxxxxx","yyyyyyyyyyyyyyyyyyyyy\n'
    status, problem = refused(client, file_form(b"id,text\n1,good\n" + never_closed * 100_000))
    assert status == 422
    assert "never closed" in problem["errors"][0]["detail"]


def test_rows_are_counted_and_none_is_logged(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    send(client, file_form("id,text\n1,秘密の文章\n2,\n".encode(), "秘密.csv"))
    captured = capfd.readouterr()
    call = next(line for line in map(json.loads, captured.out.splitlines()) if "RowsScored" in line)
    assert (call["RowsScored"], call["RowsRejected"]) == ([1.0], [1.0])
    assert "秘密" not in captured.out + captured.err
    assert "\\u79d8" not in captured.out + captured.err


def test_a_column_of_no_characters_is_refused(client: Client) -> None:
    """Charsets such as this one decode to half of a surrogate pair."""
    body = form(part("file", b"text\na\n", "a.csv"), part("column", b"\\ud800"))
    answer = client.answer("POST", "/sentiment/batch", body, f"{CONTENT_TYPE}; charset=unicode_escape")
    assert answer["statusCode"] == 422
    assert json.loads(answer["body"])["errors"][0]["pointer"] == "/column"


def test_a_file_leaves_one_line_with_its_hash(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    data = "text\n秘密\n".encode()
    send(client, file_form(data))
    (line,) = (vars(record) for record in caplog.records if record.message == "file scored")
    assert line["file_sha256"] == hashlib.sha256(data).hexdigest()
    assert (line["scored"], line["rejected"], line["model_version"]) == (1, 0, "v1.0.0")
