"""Messages and files that cannot be worked on: they hold up nothing else, and no text gets into a log."""

import json
from dataclasses import replace

import pytest

from coldframe import limits
from coldframe.batch.drop import Drop
from coldframe.batch.models import Models
from coldframe.batch.notifications import notification
from coldframe.errors import IntegrityError
from coldframe.store import Store
from tests.integration.batch.cloud import Cloud, RunsOut
from tests.integration.batch.conftest import table
from tests.integration.batch.faults import refuse

POISON = [
    "",
    "not JSON",
    "[]",
    "null",
    "{}",
    '{"Records": 1}',
    '{"Records": [{}]}',
    '{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "sentiment/a.csv"}}}]}',
    notification(Drop("inbox", "sentiment/a.csv", "null", "0")).replace("a.csv", r"\ud800.csv"),
]
MARKED = "秘密の言葉QZX"
REFUSED = {
    "setniment/a.csv": (table(6), "sentiment/"),
    "a.csv": (table(6), "sentiment/"),
    "sentiment/a.xlsx": (b"PK\x03\x04" + b"\x00" * 600, "CSV UTF-8"),
    "sentiment/empty.csv": (b"", "first row"),
    "sentiment/other.csv": (b"id,body\r\n1,a\r\n", "?column="),
    "sentiment/damaged.csv.gz": (b"\x1f\x8b\x08\x00garbage", "pack the file anew"),
}


@pytest.mark.parametrize("poison", POISON)
def test_poison_comes_again_and_holds_up_nothing_else(cloud: Cloud, poison: str) -> None:
    good = [cloud.drop(f"sentiment/{name}.csv", table(6)) for name in "ab"]
    cloud.announce(good[0])
    cloud.send(poison or " ")
    cloud.announce(good[1])
    delivered = cloud.deliver(count=10)
    assert delivered
    records, failed = delivered
    assert failed == [records[1]["messageId"]]
    assert cloud.visibilities == [limits.BATCH_RETRY_SECONDS]
    assert [cloud.report(drop)["state"] for drop in good] == ["done", "done"]
    again = cloud.deliver(count=10)
    assert again
    assert (len(again[0]), again[1]) == (1, failed)


def test_s3s_test_event_is_done_with(cloud: Cloud) -> None:
    cloud.send(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": cloud.inbox}))
    cloud.announce(cloud.drop("sentiment/a.csv", table(6)))
    delivered = cloud.deliver(count=10)
    assert delivered
    assert (len(delivered[0]), delivered[1]) == (2, [])


@pytest.mark.parametrize("key", REFUSED)
def test_a_file_that_cannot_be_scored_is_reported_and_done_with(cloud: Cloud, key: str) -> None:
    data, fix = REFUSED[key]
    drop = cloud.drop(key, data)
    cloud.announce(drop)
    assert cloud.work_off() == 1
    assert list(cloud.finals(drop)) == ["report"]
    report = cloud.report(drop)
    assert (report["state"], report["file"]) == ("failed", key)
    assert report["problem"]
    assert fix in report["fix"]
    assert (cloud.progress(drop)["state"], cloud.progress(drop)["problem"]) == ("failed", report["problem"])


@pytest.mark.parametrize("away", ["no bucket", "no server"])
def test_a_file_waits_for_the_models(cloud: Cloud, away: str) -> None:
    drop = cloud.drop("sentiment/a.csv", table(6))
    endpoint = "http://127.0.0.1:9" if away == "no server" else None
    there, gone = cloud.consumer, Models(Store.open("no-such-models", endpoint))
    cloud.consumer = replace(there, worker=replace(there.worker, models=gone))
    cloud.announce(drop)
    delivered = cloud.deliver()
    assert delivered
    assert len(delivered[1]) == 1
    assert cloud.finals(drop) == {}
    assert cloud.progress(drop)["state"] == "retrying"
    cloud.consumer = there
    cloud.work_off()
    assert cloud.report(drop)["state"] == "done"


@pytest.mark.usefixtures("small_parts")
def test_no_text_is_logged(
    cloud: Cloud, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    whole = (
        f"id,text,note\r\n1,{MARKED},{MARKED}\r\n2,{MARKED * 150},{MARKED}\r\n3, ,{MARKED}\r\n{MARKED}\r\n"
    )
    damaged = whole.encode() + b"4,\xff\x00" + MARKED.encode() + b',x\r\n5,"' + MARKED.encode()
    no_header = whole.encode().partition(b"\n")[2]
    cut = b"\x1f\x8b\x08\x00" + MARKED.encode()
    for number, data in enumerate([whole.encode(), damaged, no_header, cut, table(6) + damaged * 3]):
        drop = cloud.drop(f"sentiment/{number}.csv", data)
        for at in (None, 9, 12):
            again = cloud.again()
            again.faults.plan(at, refuse(503, "SlowDown"))
            again.announce(drop)
            again.work_off(lambda: RunsOut(2))
        assert again.report(drop)["state"] == ("failed" if number in (2, 3) else "done")
    assert_not_told(capfd, caplog)


def test_a_job_document_that_cannot_be_read_is_not_logged(
    cloud: Cloud, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """As after a deployment that gave it another form."""
    drop = cloud.drop("sentiment/a.csv", table(36) + f"7,{MARKED},\r\n".encode() * 30)
    cloud.announce(drop)
    cloud.deliver(RunsOut(3))
    stored = cloud.s3.get_object(Bucket=cloud.results, Key=drop.job_key)["Body"].read().decode()
    for old, new in (('"tail":', '"end":'), ('"size":', '"size":"x","bytes":'), ("{", MARKED)):
        broken = stored.replace(old, new)
        assert broken != stored
        cloud.s3.put_object(Bucket=cloud.results, Key=drop.job_key, Body=broken.encode())
        delivered = cloud.deliver()
        assert delivered
        assert len(delivered[1]) == 1
        assert drop.job_key in cloud.progress(drop)["problem"]
        assert MARKED not in cloud.progress(drop)["problem"]
    assert_not_told(capfd, caplog)


def assert_not_told(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    told = caplog.text + "".join(capfd.readouterr())
    assert "file" in told
    assert MARKED not in told
    assert json.dumps(MARKED)[1:-1] not in told
    assert repr(MARKED.encode())[2:-1] not in told


def test_a_report_or_a_job_of_another_file_is_not_taken_for_ones_own(cloud: Cloud) -> None:
    drop = cloud.drop("sentiment/a.csv", table(3))
    twin = replace(drop, version="another")
    for key in (twin.report_key, twin.job_key):
        assert key not in (drop.report_key, drop.job_key)
    cloud.announce(drop)
    cloud.work_off()
    for made, taken in ((drop.report_key, twin.report_key), (drop.job_key, twin.job_key)):
        cloud.s3.copy_object(
            Bucket=cloud.results, Key=taken, CopySource={"Bucket": cloud.results, "Key": made}
        )
        with pytest.raises(IntegrityError, match="of another file"):
            cloud.consumer.worker.work(twin, lambda: 900.0)
        cloud.s3.delete_object(Bucket=cloud.results, Key=taken)


@pytest.mark.parametrize("named", ["%E6%9C%AC%E6%96%87", "=?UTF-8?B?5pys5paH?="])
def test_the_column_may_be_named_by_metadata(cloud: Cloud, named: str) -> None:
    drop = cloud.drop("sentiment/a.csv", "id,本文\r\n1,とても良い\r\n".encode(), {"column": named})
    cloud.announce(drop)
    cloud.work_off()
    assert (cloud.report(drop)["state"], cloud.report(drop)["column"]) == ("done", "本文")
