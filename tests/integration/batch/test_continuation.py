"""A file that is longer than a run: saved places, messages sent on, and the same bytes as in one go."""

from collections.abc import Callable

import pytest

from coldframe import limits
from coldframe.batch.drop import Drop
from coldframe.batch.notifications import drops, notification
from tests.integration.batch.cloud import Cloud, RunsOut
from tests.integration.batch.conftest import packed, table

ROWS = 150


def one_block() -> RunsOut:
    return RunsOut(1)


def in_one_go(cloud: Cloud, drop: Drop) -> dict[str, bytes]:
    again = cloud.again()
    again.announce(drop)
    assert again.work_off() == 1
    return again.finals(drop)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("part_bytes", [700, 1_000_000], ids=["upload", "small"])
@pytest.mark.parametrize("form", [bytes, packed], ids=["csv", "gzip"])
def test_ten_runs_and_more(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, part_bytes: int, form: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(limits, "BATCH_PART_MIN_BYTES", part_bytes)
    drop = cloud.drop("sentiment/a.csv", form(table(ROWS)))
    whole = in_one_go(cloud, drop)
    cloud.announce(drop)
    cloud.deliver(one_block())
    assert cloud.progress(drop)["state"] == "paused"
    assert list(cloud.finals(drop)) == []
    runs = 1 + cloud.work_off(one_block)
    assert cloud.finals(drop) == whole
    progress = cloud.progress(drop)
    assert (progress["runs"], progress["rows"], progress["state"]) == (runs, ROWS, "done")
    assert runs >= 10


def test_the_message_that_is_sent_on_names_the_file(cloud: Cloud) -> None:
    drop = cloud.drop("sentiment/表 +%&a.csv?column=text", table(60))
    cloud.announce(drop)
    for _ in range(3):
        cloud.deliver(one_block())
        (message,) = cloud.receive()
        assert drops(message["body"]) == [drop]
        cloud.show([message])


@pytest.mark.usefixtures("small_parts")
def test_an_old_message_comes_again_in_the_middle(cloud: Cloud) -> None:
    drop = cloud.drop("sentiment/a.csv", table(60))
    whole = in_one_go(cloud, drop)
    cloud.announce(drop)
    for _ in range(3):
        cloud.deliver(one_block())
        cloud.send(notification(drop))
    cloud.work_off(one_block)
    assert cloud.finals(drop) == whole


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("runs", [1, 4])
def test_uploads_that_were_aborted_are_begun_anew(cloud: Cloud, runs: int) -> None:
    """As the bucket's lifecycle does when a job has waited for too long."""
    drop = cloud.drop("sentiment/a.csv", table(60))
    whole = in_one_go(cloud, drop)
    cloud.announce(drop)
    for _ in range(runs):
        cloud.deliver(one_block())
    uploads = cloud.s3.list_multipart_uploads(Bucket=cloud.results)["Uploads"]
    assert uploads
    for upload in uploads:
        cloud.s3.abort_multipart_upload(Bucket=cloud.results, Key=upload["Key"], UploadId=upload["UploadId"])
    cloud.work_off(one_block)
    assert cloud.finals(drop) == whole


@pytest.mark.usefixtures("small_parts")
def test_an_output_that_is_whole_needs_no_upload(cloud: Cloud) -> None:
    """A worker died between putting the rejects and the result under their names."""
    drop = cloud.drop("sentiment/a.csv", table(60))
    whole = in_one_go(cloud, drop)
    cloud.s3.put_object(Bucket=cloud.results, Key=drop.rejected_key, Body=whole["rejects"])
    cloud.announce(drop)
    cloud.work_off(one_block)
    assert cloud.finals(drop) == whole
    assert "Uploads" not in cloud.s3.list_multipart_uploads(Bucket=cloud.results)
