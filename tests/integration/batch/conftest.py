import gzip
import os
import sys
from collections.abc import Callable
from typing import Any

os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Coldframe")  # read when the telemetry is imported

import moto.s3.models
import pytest

from coldframe import limits, telemetry
from infra.local.mended_moto import miss_ended_uploads
from tests.integration.batch.cloud import Cloud


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks and reads of a few rows, and no second try within a call."""
    monkeypatch.setattr(limits, "BATCH_BLOCK_BYTES", 600)
    monkeypatch.setattr(limits, "BATCH_READ_BYTES", 1024)
    monkeypatch.setattr(limits, "BATCH_PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(limits, "BATCH_ATTEMPTS_MAX_COUNT", 1)


@pytest.fixture(autouse=True)
def logged_to_stdout() -> None:
    """pytest gives each test its own stdout, and closes it."""
    handler: Any = telemetry.logger.registered_handler
    handler.stream = sys.stdout


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few rows; moto still refuses smaller ones, and knows an upload that has ended."""
    miss_ended_uploads()
    monkeypatch.setattr(limits, "BATCH_PART_MIN_BYTES", 700)
    monkeypatch.setattr(moto.s3.models, "S3_UPLOAD_PART_MIN_SIZE", 700)


@pytest.fixture
def cloud(aws: str) -> Cloud:
    return Cloud.create()


def table(rows: int) -> bytes:
    """A CSV file with all that a row can be: fit, quoted over lines, a formula, blank, short, too long."""
    kinds: list[Callable[[int], str]] = [
        lambda n: f"{n},とても良い商品でした{n},普通",
        lambda n: f'{n},"一行目\n""二行目"" {n}",=1+1',
        lambda n: f"{n}, ,空",
        lambda n: f"{n},最悪{n}",
        lambda n: f"{n},すぐ壊れた{n},-1.5",
        lambda n: f"{n},,何もない行の備考はここに長く書いてある{n}",
    ]
    return "".join(["id,text,note\r\n", *(f"{kinds[n % 6](n)}\r\n" for n in range(rows))]).encode()


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)
