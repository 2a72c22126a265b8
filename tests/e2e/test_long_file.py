"""A file longer than one run: with a timeout of two seconds it takes ten of them, and comes out whole."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from obstore.auth.boto3 import Boto3CredentialProvider

from coldframe.batch.drop import Drop
from coldframe.store import Store
from infra.local.cloud import LocalCloud
from infra.local.names import LOCAL_NAMES
from infra.local.session import local_client, local_session
from infra.local.settings import REGION, Settings
from models.forge.publish import publish
from models.forge.version import read_version
from tests import made

ROOT = Path(__file__).parents[2]
INBOX, RESULTS = "coldframe-inbox", "coldframe-results"
WAIT_SECONDS = 240.0
ROWS = 240_000


@pytest.fixture
async def short_lived(tmp_path: Path) -> AsyncIterator[LocalCloud]:
    """The local cloud, whose batch function has two seconds and keeps most of them to save its place.

    So a run is some blocks on any machine. Its messages come again after twelve seconds.
    """
    (tmp_path / "functions").symlink_to(ROOT / "functions")
    shutil.copytree(ROOT / "layers/runtime/coldframe", tmp_path / "layers/runtime/coldframe")
    shutil.copy(ROOT / "template.yaml", tmp_path)
    change(tmp_path / "template.yaml", r"\bTimeout: 900\b", "Timeout: 2")
    change(tmp_path / "template.yaml", r"\bVisibilityTimeout: 5400\b", "VisibilityTimeout: 12")
    limits = tmp_path / "layers/runtime/coldframe/limits.py"
    change(limits, r"\bBATCH_RESERVE_SECONDS = 1\.0\b", "BATCH_RESERVE_SECONDS = 1.7")
    async with LocalCloud(tmp_path, Settings(port=0)) as cloud:
        yield cloud


def change(path: Path, before: str, after: str) -> None:
    text, count = re.subn(before, after, path.read_text("utf-8"))
    assert count == 1
    path.write_text(text, "utf-8")


def publish_shipped(aws_url: str) -> None:
    credentials = Boto3CredentialProvider(local_session())
    store = Store.open(LOCAL_NAMES["ModelBucket"], aws_url, REGION, credentials)
    version = read_version("sentiment")
    publish(store, version.manifest, version.files, made.NOTE)


async def scored(s3: Any, data: bytes) -> tuple[bytes, Any, Any]:
    """Drop a file; give result, report and progress, once they are there."""
    put = await asyncio.to_thread(s3.put_object, Bucket=INBOX, Key="sentiment/long.csv", Body=data)
    drop = Drop(INBOX, "sentiment/long.csv", put["VersionId"], put["ETag"].strip('"'))

    def read(key: str) -> bytes:
        content: bytes = s3.get_object(Bucket=RESULTS, Key=key)["Body"].read()
        return content

    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            try:
                progress = json.loads(await asyncio.to_thread(read, drop.progress_key))
                if progress["state"] == "done":
                    break
            except ClientError:
                pass
            await asyncio.sleep(0.2)  # there is nothing to wait on: a document changes
    result, report = [await asyncio.to_thread(read, key) for key in (drop.result_key, drop.report_key)]
    return result, json.loads(report), progress


async def test_a_file_of_ten_runs_comes_out_whole(short_lived: LocalCloud) -> None:
    await asyncio.to_thread(publish_shipped, short_lived.aws_url)
    s3 = local_client("s3", short_lived.aws_url)
    texts = [f"{number}番目の" + "商品は素晴らしいです。また買います。" * 6 for number in range(ROWS)]
    data = "\n".join(["text", *texts]).encode()
    result, report, progress = await scored(s3, data)
    assert progress["runs"] >= 10
    assert (report["rows"], report["scored"], report["rejected"]) == (ROWS, ROWS, 0)
    lines = result.decode("utf-8-sig").split("\r\n")
    assert lines.pop() == ""
    assert [line.split(",", 1)[0] for line in lines] == ["text", *texts]
