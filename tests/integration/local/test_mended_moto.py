"""What S3 does in AWS and moto alone does not, seen through the local endpoint."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio
import urllib3

from infra.local.cloud import LocalCloud
from tests.integration.local.conftest import SETTINGS
from tests.integration.local.feeding import QUEUED, Queued

pytestmark = pytest.mark.asyncio(loop_scope="package")
BUCKET, PLAIN = "coldframe-inbox", "coldframe-plain"
PART_MIN_BYTES = 5 * 1024**2


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def queued(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Queued]:
    folder = shutil.copytree(QUEUED, tmp_path_factory.mktemp("mended") / "queued")
    async with LocalCloud(folder, SETTINGS) as cloud:
        yield Queued(cloud, folder)


async def test_a_key_arrives_encoded_as_s3_does_it(queued: Queued) -> None:
    """But for the slash, which S3 leaves as it is and moto encodes; decoded they are the same."""
    key = "sentiment/口コミ 2024+100%.csv?column=本文"
    encoded = "%E5%8F%A3%E3%82%B3%E3%83%9F+2024%2B100%25.csv%3Fcolumn%3D%E6%9C%AC%E6%96%87"
    put = await asyncio.to_thread(queued.s3.put_object, Bucket=BUCKET, Key=key, Body=b"text\n")
    (record,) = await queued.until(lambda: queued.s3_events(key))
    assert record["s3"]["object"]["key"].replace("%2F", "/") == f"sentiment/{encoded}"
    assert record["eventName"] == "ObjectCreated:Put"
    assert record["s3"]["object"]["eTag"] == put["ETag"].strip('"')


async def test_an_event_names_the_version_and_its_place_in_the_order(queued: Queued) -> None:
    versions = [
        (await asyncio.to_thread(queued.s3.put_object, Bucket=BUCKET, Key="versions.csv", Body=b"a"))[
            "VersionId"
        ]
        for _ in range(3)
    ]
    await queued.until(lambda: queued.s3_events("versions.csv")[2:])
    objects = {
        record["s3"]["object"]["versionId"]: record["s3"]["object"]
        for record in queued.s3_events("versions.csv")
    }
    assert objects.keys() == set(versions)
    sequencers = [objects[version]["sequencer"] for version in versions]
    assert all(earlier < later for earlier, later in pairwise(sequencers))
    assert all(int(sequencer, 16) for sequencer in sequencers)


async def test_an_event_of_a_bucket_without_versions_names_none(queued: Queued) -> None:
    await asyncio.to_thread(queued.s3.put_object, Bucket=PLAIN, Key="plain.csv", Body=b"a")
    (record,) = await queued.until(lambda: queued.s3_events("plain.csv"))
    assert "versionId" not in record["s3"]["object"]
    assert record["s3"]["object"]["sequencer"]


async def test_a_multipart_upload_is_told_once(queued: Queued) -> None:
    def upload() -> str:
        name: Any = {"Bucket": BUCKET, "Key": "parts.csv"}
        upload_id = queued.s3.create_multipart_upload(**name)["UploadId"]
        tags: Any = []
        for number, body in enumerate((b"a" * PART_MIN_BYTES, b"b"), start=1):
            part = queued.s3.upload_part(**name, UploadId=upload_id, PartNumber=number, Body=body)
            tags.append({"ETag": part["ETag"], "PartNumber": number})
        done = queued.s3.complete_multipart_upload(
            **name, UploadId=upload_id, MultipartUpload={"Parts": tags}
        )
        return done["VersionId"]

    version = await asyncio.to_thread(upload)
    await asyncio.to_thread(queued.s3.put_object, Bucket=BUCKET, Key="after.csv", Body=b"a")
    await queued.until(lambda: queued.s3_events("after.csv"))
    (record,) = await queued.until(lambda: queued.s3_events("parts.csv"))
    assert record["eventName"] == "ObjectCreated:CompleteMultipartUpload"
    assert record["s3"]["object"]["versionId"] == version
    assert record["s3"]["object"]["size"] == PART_MIN_BYTES + 1


def sent_form(
    queued: Queued, key: str, data: bytes, lasts_seconds: int = 60, sent_key: str | None = None
) -> tuple[int, bytes]:
    """Sign a form for 1 to 10 bytes, and send it with the data, by choice under another key."""
    form = queued.s3.generate_presigned_post(
        BUCKET, key, Conditions=[["content-length-range", 1, 10]], ExpiresIn=lasts_seconds
    )
    fields: Any = {**form["fields"], "key": sent_key or key, "file": ("any name.csv", data)}
    answer = urllib3.request("POST", form["url"], fields=fields, retries=False)
    return answer.status, answer.data


async def test_a_form_uploads_bytes_that_are_no_text_and_is_told_as_one(queued: Queued) -> None:
    data = "表".encode("cp932")
    assert (await asyncio.to_thread(sent_form, queued, "form.csv", data))[0] == 204
    (record,) = await queued.until(lambda: queued.s3_events("form.csv"))
    assert record["eventName"] == "ObjectCreated:Post"
    stored = queued.s3.get_object(
        Bucket=BUCKET, Key="form.csv", VersionId=record["s3"]["object"]["versionId"]
    )
    assert stored["Body"].read() == data


@pytest.mark.parametrize(
    ("data", "lasts_seconds", "sent_key", "refusal"),
    [
        (b"a" * 11, 60, None, (400, b"EntityTooLarge")),
        (b"", 60, None, (400, b"EntityTooSmall")),
        (b"a", -1, None, (403, b"AccessDenied")),
        (b"a", 60, "of-another.csv", (403, b"AccessDenied")),
    ],
)
async def test_a_form_is_held_to_what_was_signed(
    queued: Queued, data: bytes, lasts_seconds: int, sent_key: str | None, refusal: tuple[int, bytes]
) -> None:
    status, body = await asyncio.to_thread(sent_form, queued, "refused.csv", data, lasts_seconds, sent_key)
    assert (status, refusal[1] in body) == (refusal[0], True)
    found = queued.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    assert not {"refused.csv", "of-another.csv"} & {one["Key"] for one in found}
