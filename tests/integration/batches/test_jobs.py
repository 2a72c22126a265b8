"""Jobs from the form to the links, over S3 by HTTP; the pipeline's steps are delivered by hand."""

import json
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
import urllib3

from coldframe import limits
from coldframe.batch.bucket import Bucket
from coldframe.batch.progress import tell
from coldframe.batches import jobs as jobs_module
from coldframe.batches.marker import Marker, now, owner_of
from coldframe.errors import StoreUnavailable
from tests.handlers import Client, load_function
from tests.integration.batch.cloud import RunsOut
from tests.integration.batches.conftest import Desk

ROWS = "番号,text\n1,良い\n2,\n3,だめ\n".encode("cp932")
MANY = b"text\n" + "".join(f"text {n} {'x' * 90}\n" for n in range(20_000)).encode()


def fetched(link: Any) -> tuple[bytes, str]:
    answer = urllib3.request("GET", link["url"])
    assert answer.status == 200
    return answer.data, answer.headers["content-disposition"]


def test_a_job_from_its_form_to_its_links(desk: Desk) -> None:
    job = desk.ask()
    assert (job["state"], job["file_name"], job["max_bytes"]) == ("waiting", "口コミ.csv", 5 * 1024**3)
    lasts = datetime.fromisoformat(job["expires_at"]) - datetime.fromisoformat(job["created_at"])
    assert lasts == timedelta(hours=1)
    assert desk.look(job)["state"] == "waiting"

    drop = desk.send(job, ROWS)
    assert desk.look(job)["state"] == "queued"

    desk.cloud.work_off()
    done = desk.look(job)
    assert done["state"] == "done"
    assert done["report"]["labels"].keys() <= {"positive", "neutral", "negative"}
    assert (done["report"]["rows"], done["report"]["scored"], done["report"]["rejected"]) == (3, 2, 1)
    assert (done["report"]["encoding"], done["report"]["model_version"]) == ("cp932", "v1.0.0")
    assert (done["progress"]["rows"], done["progress"]["share"]) == (3, 1.0)
    finals = desk.cloud.finals(drop)
    result, name = fetched(done["downloads"]["result"])
    assert result == finals["result"]
    assert name.endswith("%E5%8F%A3%E3%82%B3%E3%83%9F.scored.csv")
    rejects, name = fetched(done["downloads"]["rejects"])
    assert rejects == finals["rejects"]
    assert name.endswith("%E5%8F%A3%E3%82%B3%E3%83%9F.rejected.csv")


def test_another_key_sees_nothing_of_it(desk: Desk) -> None:
    job = desk.ask()
    desk.send(job, ROWS)
    theirs = desk.client.request("GET", f"/batches/{job['id']}", key_id="other")
    unknown = desk.client.request("GET", f"/batches/{'0' * 32}", key_id="other")
    assert theirs[0] == unknown[0] == 404
    assert theirs[2] == unknown[2]
    assert desk.page("other") == {"batches": [], "next": None}


@pytest.mark.parametrize("job_id", ["x", "..%2f", "F" * 32, "0" * 31, "%00", "あ"])
def test_what_is_no_id_is_no_job(desk: Desk, job_id: str) -> None:
    status, headers, answer = desk.client.request("GET", f"/batches/{job_id}")
    assert (status, answer["type"]) == (404, "urn:coldframe:problem:not-found")
    assert headers["content-type"] == "application/problem+json"


def test_without_an_api_keys_id_there_are_no_jobs(desk: Desk) -> None:
    status, _, answer = desk.client.request("GET", "/batches", key_id=None)
    assert status == 403
    assert "x-api-key" in answer["detail"]


def test_the_column_is_the_one_that_was_named(desk: Desk) -> None:
    job = desk.ask(column="本文 100%+")
    desk.send(job, "本文 100%+,text\n良い,x\n".encode())
    desk.cloud.work_off()
    assert desk.look(job)["report"]["column"] == "本文 100%+"


def test_a_workbook_is_told_how_to_be_saved(desk: Desk) -> None:
    job = desk.ask("book.xlsx")
    desk.send(job, b"PK\x03\x04" + bytes(100))
    desk.cloud.work_off()
    failed = desk.look(job)
    assert (failed["state"], failed["downloads"]) == ("failed", None)
    assert ".xlsx" in failed["report"]["problem"]
    assert "CSV UTF-8" in failed["report"]["fix"]


def test_a_missing_column_is_told_with_those_that_are_there(desk: Desk) -> None:
    job = desk.ask()
    desk.send(job, b"id,body\n1,a\n")
    desk.cloud.work_off()
    assert desk.look(job)["report"]["columns"] == ["id", "body"]


def test_a_run_that_stops_in_between_and_one_that_fails_are_told(desk: Desk) -> None:
    job = desk.ask()
    drop = desk.send(job, MANY)
    desk.cloud.deliver(RunsOut(2))
    paused = desk.look(job)
    assert (paused["state"], paused["report"], paused["downloads"]) == ("paused", None, None)
    assert 0 < paused["progress"]["rows"] < 20_000
    assert 0 < paused["progress"]["share"] <= 1
    desk.cloud.consumer.worker.tell_failure(drop, "S3 is away.")
    retrying = desk.look(job)
    assert (retrying["state"], retrying["progress"]["problem"]) == ("retrying", "S3 is away.")
    desk.cloud.work_off()
    assert desk.look(job)["report"]["rows"] == 20_000


def test_a_first_try_that_fails_is_told_too(desk: Desk) -> None:
    job = desk.ask()
    tell(Bucket(desk.cloud.s3, desk.cloud.results), desk.send(job, ROWS), "retrying", problem="S3 is away.")
    assert (desk.look(job)["state"], desk.look(job)["progress"]["share"]) == ("retrying", 0.0)


def test_of_two_uploads_the_later_counts(desk: Desk) -> None:
    job = desk.ask()
    desk.send(job, ROWS)
    desk.cloud.work_off()
    desk.send(job, b"text\na\n")
    assert desk.look(job)["state"] == "queued"
    desk.cloud.work_off()
    later = desk.look(job)
    assert (later["state"], later["report"]["rows"]) == ("done", 1)


def test_what_was_done_stays_done_when_the_file_is_gone(desk: Desk) -> None:
    job = desk.ask()
    desk.send(job, b"text\na\n")
    desk.cloud.work_off()
    time.sleep(1.1)  # S3 says in which second an object was written
    drop = desk.send(job, ROWS)
    desk.cloud.work_off()
    desk.cloud.s3.delete_object(Bucket=desk.cloud.inbox, Key=drop.key)
    done = desk.look(job)
    assert (done["state"], done["report"]["rows"]) == ("done", 3)
    assert fetched(done["downloads"]["result"])[0] == desk.cloud.finals(drop)["result"]


def test_a_form_that_was_never_sent_expires(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    job = desk.ask()
    late = now() + timedelta(seconds=limits.BATCHES_UPLOAD_SECONDS + 1)
    monkeypatch.setattr(jobs_module, "now", lambda: late)
    assert desk.look(job)["state"] == "expired"
    assert desk.page()["batches"][0]["state"] == "expired"


def test_a_list_comes_in_pages_the_newest_first(desk: Desk) -> None:
    made = [desk.ask(f"{n}.csv") for n in range(7)]
    desk.send(made[0], ROWS)
    seen: list[Any] = []
    following: str | None = None
    for count in (3, 3, 1):
        page = desk.page(limit=3, **({"next": following} if following else {}))
        assert len(page["batches"]) == count
        seen += page["batches"]
        following = page["next"]
    assert following is None
    assert sorted(one["file_name"] for one in seen) == [f"{n}.csv" for n in range(7)]
    times = [one["created_at"] for one in seen]
    assert times == sorted(times, reverse=True)
    assert {one["file_name"]: one["state"] for one in seen}["0.csv"] == "queued"
    assert len(desk.page()["batches"]) == 7


def test_a_page_is_bounded(desk: Desk) -> None:
    at = now()
    for n in range(limits.BATCHES_PAGE_MAX_COUNT + 1):
        marker = Marker(id=f"{n:032x}", model="sentiment", file_name="a", column=None, created_at=at)
        key = f"_batches/{owner_of('one')}/{marker.id}.json"
        desk.cloud.s3.put_object(Bucket=desk.cloud.results, Key=key, Body=marker.model_dump_json())
    page = desk.page()
    assert len(page["batches"]) == limits.BATCHES_PAGE_MAX_COUNT
    assert len(desk.page(next=page["next"])["batches"]) == 1


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"limit": "0"}, "/limit"),
        ({"limit": "21"}, "/limit"),
        ({"limit": "x"}, "/limit"),
        ({"next": "x"}, "/next"),
        ({"next": "../" + "0" * 29}, "/next"),
    ],
)
def test_a_wrong_query_names_what_is_wrong(desk: Desk, query: dict[str, str], pointer: str) -> None:
    status, _, answer = desk.client.request("GET", "/batches", query=query)
    assert (status, answer["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize(
    ("fields", "pointer", "words"),
    [
        ({"model": ""}, "/model", "empty"),
        ({"model": None}, "/model", "string"),
        ({"file_name": "a/b.csv"}, "/file_name", "without folders"),
        ({"file_name": "a\nb"}, "/file_name", "control characters"),
        ({"file_name": ""}, "/file_name", "no file name"),
        ({"file_name": "あ" * 221}, "/file_name", "220 characters"),
        ({"file_name": "\ud800"}, "/file_name", "surrogate"),
        ({"column": ""}, "/column", "empty"),
        ({"column": "あ" * 161}, "/column", "160 characters"),
        ({"key": "x"}, "/key", "remove it"),
    ],
)
def test_a_wrong_field_is_named_with_its_fix(
    desk: Desk, fields: dict[str, Any], pointer: str, words: str
) -> None:
    body = json.dumps({"model": "sentiment", "file_name": "a.csv", **fields})
    status, _, answer = desk.client.request("POST", "/batches", body)
    assert status == 422
    assert answer["errors"][0]["pointer"] == pointer
    assert words in answer["errors"][0]["detail"]
    assert desk.page()["batches"] == []


@pytest.mark.parametrize("name", ["nonsense", "../x", "Sentiment", "_jobs", "モデル"])
def test_a_model_that_is_not_there_is_named_with_those_that_are(desk: Desk, name: str) -> None:
    body = json.dumps({"model": name, "file_name": "a.csv"})
    status, _, answer = desk.client.request("POST", "/batches", body)
    assert status == 404
    assert f"no model {name}: send one of those that `coldframe models` lists (sentiment)" in answer["detail"]
    assert desk.page()["batches"] == []


@pytest.mark.parametrize(
    "name", ["..", "あ" * 220, "${filename}", "a?column=b.csv", " ", ".csv", "'\"\\;%.csv", "😀", "a" * 220]
)
def test_any_other_name_works(desk: Desk, name: str) -> None:
    job = desk.ask(name)
    desk.send(job, b"text\na\n")
    desk.cloud.work_off()
    done = desk.look(job)
    assert (done["state"], done["file_name"]) == ("done", name)
    assert fetched(done["downloads"]["result"])[0].startswith("\ufefftext,".encode())


def test_a_file_that_was_dropped_is_no_job(desk: Desk) -> None:
    desk.cloud.announce(desk.cloud.drop("sentiment/a.csv", ROWS))
    desk.cloud.work_off()
    assert desk.page()["batches"] == []


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/batches"), ("GET", f"/batches/{'0' * 32}"), ("POST", "/batches")]
)
def test_s3_away_is_503_and_healthz_is_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    client = Client(load_function("batches").handler)
    body = json.dumps({"model": "sentiment", "file_name": "a.csv"}) if method == "POST" else None
    status, headers, answer = client.request(method, path, body)
    assert (status, headers["retry-after"]) == (503, "5")
    assert answer["type"] == "urn:coldframe:problem:service-unavailable"
    assert client.request("GET", "/batches/healthz")[0] == 200


def test_s3_that_fails_midway_leaves_no_job_half_made(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise StoreUnavailable("S3 refused PutObject")

    monkeypatch.setattr(jobs_module, "write_marker", fails)
    body = json.dumps({"model": "sentiment", "file_name": "a.csv"})
    status, _, answer = desk.client.request("POST", "/batches", body)
    assert status == 503
    assert "upload" not in answer
    assert desk.page()["batches"] == []
