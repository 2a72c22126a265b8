"""A file dropped into the inbox comes back, through the whole local cloud, with the model that is shipped."""

import csv
import io
import json
import time
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from coldframe.batch.drop import Drop
from tests.e2e.running import START_SECONDS, Cloud

INBOX, RESULTS = "coldframe-inbox", "coldframe-results"
ROWS = [
    ["番号", "text", "メモ"],
    ["1", "この商品は素晴らしいです！", "=1+1"],
    ["2", "", "空"],
    ["3", "最悪の\n商品でした", "-5"],
    ["4", "列が足りない"],
    ["5", "普通の商品だと思います", "1,234"],
]


def csv_bytes(rows: list[list[str]], encoding: str) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode(encoding)


def dropped(cloud: Cloud, key: str, data: bytes, **metadata: str) -> Drop:
    put = cloud.s3().put_object(Bucket=INBOX, Key=key, Body=data, Metadata=metadata)
    return Drop(INBOX, key, put["VersionId"], put["ETag"].strip('"'))


def reported(cloud: Cloud, drop: Drop) -> Any:
    """The report, once it is there."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return json.load(cloud.s3().get_object(Bucket=RESULTS, Key=drop.report_key)["Body"])
        except ClientError:
            assert time.monotonic() < deadline, "the report never came"
        time.sleep(0.1)  # there is nothing to wait on: an object appears


def read(cloud: Cloud, key: str) -> list[list[str]]:
    text = cloud.s3().get_object(Bucket=RESULTS, Key=key)["Body"].read().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_cp932_file_comes_back_scored_beside_its_rejects(cloud: Cloud) -> None:
    drop = dropped(cloud, "sentiment/お客様の声 5%+.csv", csv_bytes(ROWS, "cp932"))
    report = reported(cloud, drop)
    assert (report["state"], report["encoding"], report["model_version"]) == ("done", "cp932", "v1.0.0")
    assert (report["rows"], report["scored"], report["rejected"]) == (5, 3, 2)
    header, *rows = read(cloud, drop.result_key)
    assert header[:5] == ["番号", "text", "メモ", "result", "label"]
    assert [row[:3] for row in rows] == [[*ROWS[1][:2], "'=1+1"], ROWS[3], ROWS[5]]
    assert [row[4] for row in rows] == ["positive", "negative", "neutral"]
    assert read(cloud, drop.rejected_key) == [
        ["line", "reason", *ROWS[0]],
        ["3", "the text is blank", *ROWS[2]],
        ["6", "not as many cells as the header", *ROWS[4]],
    ]


def test_its_scores_are_the_apis_to_the_last_bit(cloud: Cloud) -> None:
    drop = dropped(cloud, "sentiment/bits.csv", csv_bytes(ROWS, "utf-16"))
    reported(cloud, drop)
    header, *rows = read(cloud, drop.result_key)
    _, answer = cloud.call("/sentiment/predict", {"texts": [row[1] for row in rows]})
    for row, prediction in zip(rows, answer["predictions"], strict=True):
        cells = dict(zip(header, row, strict=True))
        assert (cells["result"], cells["label"]) == (prediction["result"], prediction["label"])
        assert float(cells["score"]) == prediction["score"]
        assert {name: float(cells[f"score_{name}"]) for name in prediction["scores"]} == prediction["scores"]


def test_the_column_may_be_named_by_metadata(cloud: Cloud) -> None:
    drop = dropped(cloud, "sentiment/memo.csv", csv_bytes(ROWS, "utf-8"), column="%E3%83%A1%E3%83%A2")
    assert reported(cloud, drop)["column"] == "メモ"


def test_a_workbook_gets_a_report_that_says_how_to_save_it(cloud: Cloud) -> None:
    report = reported(cloud, dropped(cloud, "sentiment/book.xlsx", b"PK\x03\x04" + bytes(100)))
    assert report["state"] == "failed"
    assert ".xlsx" in report["problem"]
    assert "CSV UTF-8" in report["fix"]


def test_the_command_brings_back_result_and_rejects(cloud: Cloud, tmp_path: Path) -> None:
    file = tmp_path / "声.csv"
    file.write_bytes(csv_bytes(ROWS, "cp932"))
    ran = cloud.command("batch", str(file), "--model", "sentiment", "--into", str(tmp_path / "back"))
    assert ran.returncode == 0, ran.stderr
    assert "the text is blank" in ran.stdout
    assert sorted(path.name.split(".", 2)[2] for path in (tmp_path / "back").iterdir()) == [
        "csv",
        "rejected.csv",
    ]


def test_the_command_says_what_is_wrong_with_a_file(cloud: Cloud, tmp_path: Path) -> None:
    file = tmp_path / "body.csv"
    file.write_text("id,txet\n1,良い\n")
    ran = cloud.command("batch", str(file), "--model", "sentiment")
    assert ran.returncode == 1
    assert 'is it "txet"?' in " ".join((ran.stdout + ran.stderr).split())
