"""Jobs over HTTP through the whole local cloud: gateway, form, inbox, pipeline and links."""

import time
from pathlib import Path
from typing import Any

import urllib3

from tests.e2e.running import START_SECONDS, Cloud
from tests.e2e.test_batch import ROWS, csv_bytes

OTHER_KEY = "local-key-throttled"


def asked(cloud: Cloud, file_name: str) -> Any:
    status, job = cloud.call("/batches", {"model": "sentiment", "file_name": file_name})
    assert status == 201, job
    return job


def sent(job: Any, data: bytes) -> None:
    form = job["upload"]
    fields = {**form["fields"], "file": ("any.csv", data)}
    assert urllib3.request("POST", form["url"], fields=fields).status == 204


def ended(cloud: Cloud, job: Any) -> Any:
    """The job, once it is done or has failed."""
    deadline = time.monotonic() + START_SECONDS
    while (found := cloud.call(f"/batches/{job['id']}")[1])["state"] not in ("done", "failed"):
        assert found["state"] in ("queued", "running")
        assert time.monotonic() < deadline, "it never ended"
        time.sleep(0.1)  # there is nothing to wait on: a job is asked for
    return found


def test_a_job_gives_what_the_command_gives_for_the_same_file(cloud: Cloud, tmp_path: Path) -> None:
    data = csv_bytes(ROWS, "cp932")
    job = asked(cloud, "口コミ.csv")
    sent(job, data)
    done = ended(cloud, job)
    file = tmp_path / "a.csv"
    file.write_bytes(data)
    scored = cloud.command("batch", str(file), "--model", "sentiment", "--into", str(tmp_path / "back"))
    assert scored.returncode == 0
    rejects, result = sorted((tmp_path / "back").iterdir(), key=lambda path: -len(path.name))
    for link, path in ((done["downloads"]["result"], result), (done["downloads"]["rejects"], rejects)):
        assert urllib3.request("GET", link["url"]).data == path.read_bytes()
    assert (done["report"]["rows"], done["report"]["scored"], done["report"]["rejected"]) == (5, 3, 2)


def test_jobs_are_their_keys_own(cloud: Cloud) -> None:
    job = asked(cloud, "mine.csv")
    assert cloud.call(f"/batches/{job['id']}", key=OTHER_KEY)[0] == 404
    assert cloud.call("/batches", key=OTHER_KEY) == (200, {"batches": [], "next": None})
    assert cloud.call("/batches?limit=1")[1]["batches"][0]["id"] == job["id"]
    assert cloud.call("/batches", key="nobody's")[0] == 403


def test_a_workbook_fails_with_the_fix(cloud: Cloud) -> None:
    job = asked(cloud, "book.xlsx")
    sent(job, b"PK\x03\x04" + bytes(100))
    failed = ended(cloud, job)
    assert failed["state"] == "failed"
    assert "CSV UTF-8" in failed["report"]["fix"]


def test_a_form_takes_no_file_that_is_empty_or_for_another_key(cloud: Cloud) -> None:
    form = asked(cloud, "a.csv")["upload"]
    for changes, status in (({"file": ("a.csv", b"")}, 400), ({"key": "sentiment/a.csv"}, 403)):
        fields: Any = {**form["fields"], "file": ("a.csv", b"text\na\n"), **changes}
        assert urllib3.request("POST", form["url"], fields=fields).status == status


def test_rubbish_is_stopped_at_the_gateway_and_near_misses_are_explained(cloud: Cloud) -> None:
    assert cloud.call("/batches", [])[1]["errors"][0]["pointer"] == ""
    status, answer = cloud.call("/batches", {"model": "sentiments", "file_name": "a.csv"})
    assert (status, "(moderation, sentiment, tickets)" in answer["detail"]) == (404, True)
    assert cloud.call("/batches", {"model": "encoder", "file_name": "a.csv"})[0] == 404
