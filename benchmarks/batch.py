"""A CSV through the local cloud, cold start included, against chunks of pandas and scikit-learn."""

import asyncio
import io
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from coldframe.batch.drop import Drop
from infra.cli.place import Place, local_place
from infra.local.cloud import LocalCloud
from infra.local.environment import peak_memory_bytes
from infra.local.names import local_name
from infra.local.settings import Settings
from models.forge.noted import noted
from models.forge.publish import publish
from models.forge.version import read_version

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

ROOT = Path(__file__).parents[1]
INBOX, RESULTS, FUNCTION = map(local_name, ("InboxBucket", "ResultsBucket", "BatchFunction"))
ROUNDS = 3
ROWS = 1_000_000
USUAL_ROWS = 200_000  # its rate does not depend on the number, and a million would take a minute a round
MEMORY_ROWS = (100_000, 3_000_000)
CHARACTERS = (20, 60)  # of a text: 40 on average
CHUNK_ROWS = 50_000
PART_BYTES = 8 * 1024 * 1024
BUCKETS = 2**18
POLL_SECONDS = 0.1
ENVIRONMENT_ENDS_SECONDS = 1.0
ALPHABET = [chr(code) for code in (*range(0x3041, 0x3097), *range(0x30A1, 0x30FB), *range(0x4E00, 0x5200))]


@dataclass(frozen=True)
class Scored:
    """One file through the cloud: seconds from the PUT's answer to the report, peak RSS, where time went."""

    rows: int
    seconds: float
    peak_bytes: int
    spent: dict[str, float]

    @property
    def rate(self) -> float:
        return self.rows / self.seconds

    @property
    def other_share(self) -> float:
        return self.spent["other"] / sum(self.spent.values())


async def main() -> None:
    """Print rates, the ratio, memory and the share of time outside predictor and S3."""
    console = Console()
    async with LocalCloud(ROOT, Settings(port=0, idle_seconds=ENVIRONMENT_ENDS_SECONDS)) as cloud:
        place = local_place(cloud.aws_url)
        shipped = read_version("sentiment")
        await asyncio.to_thread(publish, place.store(), shipped.manifest, shipped.files, noted("to measure"))
        usual = usual_model(len(shipped.manifest.labels))
        ours, theirs, memory = [], [], []
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("files", total=2 * ROUNDS + len(MEMORY_ROWS))
            data = generated(ROWS)
            for _ in range(ROUNDS):
                ours.append(await score(cloud, place, data, ROWS))
                bar.advance(task)
                theirs.append(await asyncio.to_thread(score_as_usual, place.client("s3"), data, usual))
                bar.advance(task)
            del data
            for rows in MEMORY_ROWS:
                memory.append(await score(cloud, place, generated(rows), rows))
                bar.advance(task)
    say(console, ours, theirs, memory)


def generated(rows: int) -> bytes:
    """A CSV of an id and a text of random Japanese characters."""
    random = np.random.default_rng(1)
    lengths = random.integers(CHARACTERS[0], CHARACTERS[1], size=rows, endpoint=True).tolist()
    file = io.StringIO(newline="")
    file.write("id,text\r\n")
    for first in range(0, rows, CHUNK_ROWS):
        some = lengths[first : first + CHUNK_ROWS]
        picks = "".join(map(ALPHABET.__getitem__, random.integers(len(ALPHABET), size=sum(some)).tolist()))
        start = 0
        for number, length in enumerate(some, first):
            file.write(f"{number},{picks[start : start + length]}\r\n")
            start += length
    return file.getvalue().encode()


async def score(cloud: LocalCloud, place: Place, data: bytes, rows: int, model: str = "sentiment") -> Scored:
    """Drop a file into the inbox when no environment is warm, and wait for its report."""
    while cloud.process_ids[FUNCTION]:
        await asyncio.sleep(POLL_SECONDS)
    s3: S3Client = place.client("s3")
    key = f"{model}/rows.csv"
    put = await asyncio.to_thread(s3.put_object, Bucket=INBOX, Key=key, Body=data)
    start = time.perf_counter()
    drop = Drop(INBOX, key, put["VersionId"], put["ETag"].strip('"'))
    peak = 0
    while not await asyncio.to_thread(exists, s3, drop.report_key):
        peak = max([peak, *map(peak_memory_bytes, cloud.process_ids[FUNCTION])])
        await asyncio.sleep(POLL_SECONDS)
    seconds = time.perf_counter() - start
    await asyncio.sleep(POLL_SECONDS)  # the progress is written behind the report
    report, progress = [
        await asyncio.to_thread(read_json, s3, k) for k in (drop.report_key, drop.progress_key)
    ]
    if (report["state"], report["scored"]) != ("done", rows):
        raise RuntimeError(f"the file was not scored: {report}")
    await asyncio.to_thread(forget, s3)
    return Scored(rows, seconds, peak, progress["seconds"])


def usual_model(labels: int) -> Pipeline:
    """Return a classifier of the same features and size; what it was trained on does not change its speed."""
    texts = [line.split(",")[1] for line in generated(1_000).decode().splitlines()[1:]]
    vectorizer = HashingVectorizer(analyzer="char", ngram_range=(1, 4), n_features=BUCKETS)
    return make_pipeline(vectorizer, LogisticRegression(tol=1.0)).fit(texts, np.arange(1_000) % labels)


def score_as_usual(s3: "S3Client", data: bytes, model: Pipeline) -> float:
    """Score the first rows in chunks of a DataFrame; return rows a second, imports and training left out."""
    key = "usual/rows.csv"
    s3.put_object(Bucket=INBOX, Key=key, Body=first_rows(data, USUAL_ROWS))
    start = time.perf_counter()
    upload, buffer = s3.create_multipart_upload(Bucket=RESULTS, Key=key)["UploadId"], bytearray()
    parts: list[CompletedPartTypeDef] = []

    def send() -> None:
        number = len(parts) + 1
        sent = s3.upload_part(Bucket=RESULTS, Key=key, UploadId=upload, PartNumber=number, Body=bytes(buffer))
        parts.append({"ETag": sent["ETag"], "PartNumber": number})
        buffer.clear()

    for chunk in pd.read_csv(s3.get_object(Bucket=INBOX, Key=key)["Body"], chunksize=CHUNK_ROWS):
        scores = model.predict_proba(chunk["text"])
        chunk["label"] = model.classes_[scores.argmax(axis=1)]
        chunk[[f"score_{label}" for label in model.classes_]] = scores
        buffer += chunk.to_csv(index=False, header=not parts and not buffer).encode()
        if len(buffer) >= PART_BYTES:
            send()
    send()
    s3.complete_multipart_upload(Bucket=RESULTS, Key=key, UploadId=upload, MultipartUpload={"Parts": parts})
    seconds = time.perf_counter() - start
    forget(s3)
    return USUAL_ROWS / seconds


def first_rows(data: bytes, rows: int) -> bytes:
    end = 0
    for _ in range(rows + 1):
        end = data.index(b"\n", end) + 1
    return data[:end]


def exists(s3: "S3Client", key: str) -> bool:
    return bool(s3.list_objects_v2(Bucket=RESULTS, Prefix=key, MaxKeys=1)["KeyCount"])


def read_json(s3: "S3Client", key: str) -> Any:
    return json.loads(s3.get_object(Bucket=RESULTS, Key=key)["Body"].read())


def forget(s3: "S3Client") -> None:
    """Delete all that both buckets hold: it is in memory."""
    for bucket in (INBOX, RESULTS):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for version in page.get("Versions", []):
                s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])


def say(console: Console, ours: list[Scored], theirs: list[float], memory: list[Scored]) -> None:
    """Print the tables."""
    rate, usual = median(one.rate for one in ours), median(theirs)
    table = Table(title=f"A CSV of {ROWS:,} rows, 40 characters on average, median of {ROUNDS} cold starts")
    for heading in ("", "rows a second", "seconds"):
        table.add_column(heading, justify="right" if heading else "left")
    table.add_row("dropped → reported", f"{rate:,.0f}", f"{median(one.seconds for one in ours):.1f}")
    table.add_row(
        f"pandas and scikit-learn, {USUAL_ROWS:,} rows", f"{usual:,.0f}", f"{USUAL_ROWS / usual:.1f}"
    )
    console.print(table)
    console.print(f"ratio: {rate / usual:.1f} (at least 5 wanted)")
    share = median(one.other_share for one in ours)
    console.print(
        f"time outside predictor and S3: {share:.0%} (at most 25% wanted); seconds {ours[-1].spent}"
    )
    table = Table(title="Peak memory of the function")
    for heading in ("rows", "peak RSS MB", "rows a second"):
        table.add_column(heading, justify="right")
    for one in sorted([*memory, ours[-1]], key=lambda one: one.rows):
        table.add_row(f"{one.rows:,}", f"{one.peak_bytes / 1e6:.0f}", f"{one.rate:,.0f}")
    console.print(table)


if __name__ == "__main__":
    asyncio.run(main())
