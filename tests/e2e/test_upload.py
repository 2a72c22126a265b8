"""A file in a form comes back as the same file does that is dropped, through the whole local cloud."""

import gzip
import json
import urllib.request
from email.message import Message
from urllib.error import HTTPError

import pytest

from coldframe import limits
from tests.e2e.running import KEY, Cloud
from tests.e2e.test_batch import RESULTS, ROWS, csv_bytes, dropped, reported
from tests.forms import CONTENT_TYPE, file_form

FILES = {
    "UTF-8": csv_bytes(ROWS, "utf-8"),
    "CP932": csv_bytes(ROWS, "cp932"),
    "UTF-16": csv_bytes(ROWS, "utf-16"),
    "semicolons": csv_bytes(ROWS, "utf-8").replace(b",", b";"),
    "gzip": gzip.compress(csv_bytes(ROWS, "utf-8-sig")),
}


def upload(cloud: Cloud, content: bytes, accept: str = "*/*") -> tuple[int, Message, bytes]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{cloud.port}/v1/sentiment/batch",
        file_form(content, "お客様の声.csv"),
        {"x-api-key": KEY, "content-type": CONTENT_TYPE, "accept": accept},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.mark.parametrize("kind", FILES)
def test_the_answer_is_the_result_of_the_dropped_file(cloud: Cloud, kind: str) -> None:
    status, headers, body = upload(cloud, FILES[kind])
    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert (headers["x-rows-scored"], headers["x-rows-rejected"]) == ("3", "2")
    drop = dropped(cloud, f"sentiment/{kind}.csv", FILES[kind])
    report = reported(cloud, drop)
    assert report["state"] == "done"
    assert cloud.s3().get_object(Bucket=RESULTS, Key=drop.result_key)["Body"].read() == body


@pytest.mark.parametrize("accept", ["*/*", "multipart/form-data", "text/csv"])
def test_the_answer_is_text_whatever_the_client_accepts(cloud: Cloud, accept: str) -> None:
    assert upload(cloud, FILES["UTF-8"], accept)[2].startswith("\ufeff番号,text,メモ,result,label".encode())


def test_three_megabytes_come_back_and_what_is_too_large_is_told_where_to_go(cloud: Cloud) -> None:
    row = ("7," + "この商品は素晴らしいです！" * 5 + "\r\n").encode()
    status, headers, body = upload(cloud, b"id,text\r\n" + row * (3_000_000 // len(row)))
    assert (status, headers["x-rows-scored"]) == (200, str(3_000_000 // len(row)))
    assert body.count(b"\r\n") == 1 + 3_000_000 // len(row)
    for size in (limits.UPLOAD_MAX_BYTES + 1, 5_500_000):  # refused by the function, and by the gateway
        status, _, body = upload(cloud, b"id,text\r\n" + b"x" * size)
        assert (status, json.loads(body)["status"]) == (413, 413)
        assert "POST /v1/batches" in json.loads(body)["detail"]


def test_model_info_describes_what_is_shipped(cloud: Cloud) -> None:
    status, info = cloud.call("/sentiment/model-info")
    assert (status, info["version"], info["input"]["maxLength"]) == (200, "v1.0.0", 1_000)
    assert info["metrics"]["terms"]
