"""`coldframe batch` and `redrive` against moto's S3 and SQS, with the function's part played by the test."""

import csv
import io
import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from typer.testing import CliRunner, Result

from coldframe.batch.drop import Drop
from coldframe.errors import ColdframeError
from coldframe.store import Store
from infra.cli.batch import wait as waiting
from infra.cli.batch.transfer import upload
from infra.cli.main import app
from infra.cli.place import place
from infra.local.ports import listen
from infra.local.session import local_client
from tests import made
from tests.integration.played_worker import working

COLDFRAME = [sys.executable, "-c", "from infra.cli import main; main()"]
COME_SECONDS = 60.0
ROWS = "id,text,コメント\n1,良い,x\n2,,良い\n3,最悪,良い\n"
PROGRESS = {
    "state": "running",
    "rows": 1,
    "scored": 1,
    "rejected": 0,
    "bytes_read": 10,
    "bytes_total": 40,
    "rows_per_second": 12345.6,
    "runs": 1,
    "started_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:00Z",
    "seconds": {"predictor": 0, "s3": 0, "other": 0},
    "problem": None,
}
TEMPLATE: dict[str, dict[str, Any]] = {
    "Resources": {
        "ModelBucket": {"Type": "AWS::S3::Bucket"},
        "InboxBucket": {"Type": "AWS::S3::Bucket"},
        "ResultsBucket": {"Type": "AWS::S3::Bucket"},
        "InboxQueue": {"Type": "AWS::SQS::Queue"},
        "InboxDeadLetterQueue": {"Type": "AWS::SQS::Queue"},
    },
    "Outputs": {
        "ModelBucketName": {"Value": {"Ref": "ModelBucket"}},
        "InboxBucketName": {"Value": {"Ref": "InboxBucket"}},
        "ResultsBucketName": {"Value": {"Ref": "ResultsBucket"}},
        "InboxQueueUrl": {"Value": {"Ref": "InboxQueue"}},
        "InboxDeadLetterQueueUrl": {"Value": {"Ref": "InboxDeadLetterQueue"}},
    },
}


class Deployed:
    """A stack in moto's CloudFormation, with a made model live."""

    def __init__(self, aws: str, name: str) -> None:
        self.aws, self.name = aws, name
        boto3.client("cloudformation", endpoint_url=aws).create_stack(
            StackName=name, TemplateBody=json.dumps(TEMPLATE)
        )
        self.outputs = place(name).outputs
        self.inbox, self.results = self.outputs["InboxBucketName"], self.outputs["ResultsBucketName"]
        boto3.client("s3", endpoint_url=aws).put_bucket_versioning(
            Bucket=self.inbox, VersioningConfiguration={"Status": "Enabled"}
        )  # which moto does not read from a template
        made.published(Store.open(self.outputs["ModelBucketName"]), "v1.0.0")

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--stack", self.name], env={"COLUMNS": "80"})

    def started(self, *words: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*COLDFRAME, *words, "--stack", self.name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, "COLUMNS": "80", "TERM": "xterm"},
        )


@pytest.fixture
def stack(aws: str, request: pytest.FixtureRequest) -> Deployed:
    return Deployed(aws, f"batch-{abs(hash(request.node.nodeid)):x}")


def come(what: Callable[[], object]) -> None:
    """Wait until it is true, at most a minute."""
    deadline = time.monotonic() + COME_SECONDS
    while not what():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def names(folder: Path) -> list[str]:
    return sorted(re.sub(r"\.[0-9a-f]{8}\.", ".ID.", path.name) for path in folder.iterdir())


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


@pytest.mark.parametrize("word", ["batch", "fetch", "redrive"])
def test_help_has_an_example(word: str) -> None:
    shown = CliRunner().invoke(app, [word, "--help"], env={"COLUMNS": "80"})
    assert f"\n coldframe {word} " in shown.stdout


def test_a_file_comes_back_beside_itself_with_its_table(stack: Deployed, tmp_path: Path) -> None:
    (tmp_path / "口コミ [1].csv").write_text(ROWS, "utf-8")
    with working(stack.aws, stack.inbox, stack.results, first=(PROGRESS,)) as worker:
        result = stack.run("batch", str(tmp_path / "口コミ [1].csv"), "--model", "sentiment")
    assert result.exit_code == 0, result.output
    assert names(tmp_path) == ["口コミ [1].ID.csv", "口コミ [1].ID.rejected.csv", "口コミ [1].csv"]
    (scored,) = (path for path in tmp_path.glob("*.csv") if path.name.count(".") == 2)
    assert [row["label"] for row in rows_of(scored)] == ["positive", "negative"]
    (drop,) = worker.drops
    assert scored.name == Path(drop.result_key).name
    for words in (
        "口コミ [1].csv is scored by sentiment v1.0.0",
        "in the file",
        "66.7%",
        "is blank",
        "50.0%",
    ):
        assert words in result.stdout
    assert f"Written: {scored}" in result.stdout
    assert "\x1b" not in result.output


def test_the_column_and_the_folder_are_taken(stack: Deployed, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(ROWS, "utf-8")
    with working(stack.aws, stack.inbox, stack.results):
        words = ("--column", "コメント", "--into", str(tmp_path / "new" / "folder"))
        result = stack.run("batch", str(tmp_path / "a.csv"), *words)
    assert result.exit_code == 0, result.output
    assert "the column コメント was scored" in result.stdout
    assert names(tmp_path / "new" / "folder") == ["a.ID.csv", "a.ID.rejected.csv"]


def test_a_file_that_cannot_be_scored_exits_with_1(stack: Deployed, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(ROWS, "utf-8")
    with working(stack.aws, stack.inbox, stack.results, failing=("a.csv",)):
        result = stack.run("batch", str(tmp_path / "a.csv"))
    assert result.exit_code == 1
    for words in ("There is no column text.", "Name one of these.", "id, 本文"):
        assert words in result.stdout
    assert names(tmp_path) == ["a.csv"]


def test_what_is_wrong_with_the_words_costs_no_upload(stack: Deployed, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(ROWS, "utf-8")
    file = str(tmp_path / "a.csv")
    wrong = {
        ("batch", file, "--model", "sentimnet"): "Did you mean sentiment?",
        ("batch", str(tmp_path)): "is a folder",
        ("batch", ""): "is a folder",
        ("batch", file + "x"): "There is no file",
        ("batch",): "Name one FILE",
        ("batch", file, "--watch", str(tmp_path)): "Name one FILE",
        ("batch", "--watch", str(tmp_path), "--into", str(tmp_path)): "--into",
        ("batch", "--watch", file): "There is no folder",
    }
    for words, told in wrong.items():
        result = stack.run(*words)
        assert result.exit_code == 1
        assert told in str(result.exception)
    assert "Contents" not in boto3.client("s3", endpoint_url=stack.aws).list_objects_v2(Bucket=stack.inbox)


@pytest.mark.parametrize("size_bytes", [10, 9_000_000])
def test_the_drop_is_what_was_uploaded_whoever_writes_next(
    stack: Deployed, tmp_path: Path, size_bytes: int
) -> None:
    (tmp_path / "a.csv").write_bytes(os.urandom(size_bytes))
    s3, other = (boto3.client("s3", endpoint_url=stack.aws) for _ in range(2))

    def write_next(**_: object) -> None:
        other.put_object(Bucket=stack.inbox, Key="sentiment/a.csv", Body=b"another's")

    for operation in ("PutObject", "CompleteMultipartUpload"):  # before the uploader sees its own answer
        s3.meta.events.register_first(f"after-call.s3.{operation}", write_next)
    drop = upload(s3, tmp_path / "a.csv", stack.inbox, "sentiment/a.csv")
    stored = other.get_object(Bucket=stack.inbox, Key=drop.key, VersionId=drop.version)
    assert stored["ETag"] == f'"{drop.etag}"'
    assert stored["Body"].read() == (tmp_path / "a.csv").read_bytes()
    assert other.head_object(Bucket=stack.inbox, Key=drop.key)["VersionId"] != drop.version


def test_a_bucket_without_versions_has_the_version_null(bucket: str, aws: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"text\n")
    assert (
        upload(boto3.client("s3", endpoint_url=aws), tmp_path / "a.csv", bucket, "m/a.csv").version == "null"
    )


def test_a_problem_and_a_silence_are_told_while_it_waits(
    stack: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_text(ROWS, "utf-8")
    monkeypatch.setattr(waiting, "STILL_MAX_SECONDS", 0.5)
    retrying = {**PROGRESS, "state": "retrying", "problem": "S3 did not answer."}
    with working(stack.aws, stack.inbox, stack.results, first=(retrying,), each_seconds=3.0):
        result = stack.run("batch", str(tmp_path / "a.csv"))
    assert result.exit_code == 0, result.output
    assert result.stderr.count("It will be tried again: S3 did not answer.") == 1
    assert f"coldframe logs batch --stack {stack.name}" in result.stderr


@pytest.mark.parametrize("state", ["retrying", "failed"])
def test_a_progress_without_figures_is_waited_through(stack: Deployed, tmp_path: Path, state: str) -> None:
    (tmp_path / "a.csv").write_text(ROWS, encoding="utf-8")
    first = ({"state": state, "problem": "S3 is away.", "updated_at": PROGRESS["updated_at"]},)
    with working(stack.aws, stack.inbox, stack.results, first=first, each_seconds=1.5):
        scored = stack.run("batch", str(tmp_path / "a.csv"))
    assert (scored.exit_code, scored.exception) == (0, None)
    assert ("S3 is away." in scored.stderr) == (state == "retrying")


def test_ctrl_c_ends_the_waiting_and_says_where_the_result_will_be(stack: Deployed, tmp_path: Path) -> None:
    (tmp_path / "a b.csv").write_text(ROWS, "utf-8")
    process = stack.started("batch", str(tmp_path / "a b.csv"))
    s3 = boto3.client("s3", endpoint_url=stack.aws)
    assert process.stderr is not None
    assert b"in the inbox" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=COME_SECONDS)
    assert process.returncode == 130
    assert b"Traceback" not in told
    (version,) = s3.list_object_versions(Bucket=stack.inbox)["Versions"]
    assert version["Key"] == "sentiment/a b.csv"
    (told_command,) = re.findall(r"^ +coldframe (fetch .*)$", told.decode(), re.MULTILINE)
    with working(stack.aws, stack.inbox, stack.results):
        fetched = subprocess.run(
            [*COLDFRAME, *shlex.split(told_command)], capture_output=True, timeout=COME_SECONDS
        )
    assert fetched.returncode == 0, fetched.stderr
    assert names(tmp_path) == ["a b.ID.csv", "a b.ID.rejected.csv", "a b.csv"]


def test_a_file_that_was_dropped_by_other_means_is_fetched(stack: Deployed, tmp_path: Path) -> None:
    s3 = boto3.client("s3", endpoint_url=stack.aws)
    s3.put_object(Bucket=stack.inbox, Key="sentiment/a.csv", Body=ROWS.encode())
    with working(stack.aws, stack.inbox, stack.results):
        fetched = stack.run("fetch", f"s3://{stack.inbox}/sentiment/a.csv", "--into", str(tmp_path / "back"))
    assert (fetched.exit_code, fetched.exception) == (0, None)
    assert names(tmp_path / "back") == ["a.ID.csv", "a.ID.rejected.csv"]


def test_a_file_that_is_not_there_is_named(stack: Deployed) -> None:
    with pytest.raises(ColdframeError, match=r"sentiment/none\.csv"):
        raise stack.run("fetch", "sentiment/none.csv").exception or AssertionError("it was found")


def test_the_bar_fits_a_terminal_of_80_columns(stack: Deployed, tmp_path: Path) -> None:
    (tmp_path / "口コミ.csv").write_text(ROWS, "utf-8")
    ours, theirs = pty.openpty()
    big = {"rows": 123_456_789, "bytes_read": 20, "rows_per_second": 1_234_567.8, "state": "retrying"}
    play = {"first": (PROGRESS, {**PROGRESS, **big}), "each_seconds": 1.5}
    with (
        working(stack.aws, stack.inbox, stack.results, **play),
        os.fdopen(ours, "rb", buffering=0) as terminal,
    ):
        process = stack.started("batch", str(tmp_path / "口コミ.csv"), stderr=theirs)
        os.close(theirs)
        shown = _read(terminal)
        stdout, _ = process.communicate(timeout=COME_SECONDS)
    assert process.returncode == 0, shown
    assert b"\x1b" not in stdout
    bars = [line for line in re.split(r"[\r\n]+|\x1b\[1A|\x1b\[2K", shown) if " rows" in line]
    plain = [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line) for line in bars]
    assert max(map(len, plain)) <= 80
    assert any("running" in line and "25%" in line and "12,346/s" in line for line in plain)
    assert any("retrying" in line and "50%" in line and "123,456,789 rows" in line for line in plain)


def _read(terminal: Any) -> str:
    """Read until the other side is closed, which Linux tells by an error."""
    parts = []
    try:
        while part := terminal.read(4096):
            parts.append(part)
    except OSError:
        pass
    return b"".join(parts).decode()


def test_a_watched_folder_is_scored_once_and_again_where_it_changed(stack: Deployed, tmp_path: Path) -> None:
    scored = tmp_path / "scored"
    (tmp_path / "口コミ.csv").write_text(ROWS, "utf-8")
    (tmp_path / "bad.csv").write_text(ROWS, "utf-8")
    (tmp_path / ".~lock.a.csv#").write_text("x")
    (tmp_path / "\x1b.csv").write_text(ROWS, "utf-8")  # cannot be a key, and must not end the watch
    with working(stack.aws, stack.inbox, stack.results, failing=("bad.csv",)) as worker:
        with _watching(stack, tmp_path) as first:
            come(lambda: len(worker.drops) == 2)
            (tmp_path / "late.csv").write_text(ROWS, "utf-8")
            come(lambda: "sentiment/late.csv" in _done(scored))
        assert {drop.key for drop in worker.drops} == {
            f"sentiment/{n}.csv" for n in ("口コミ", "bad", "late")
        }
        assert len(worker.drops) == 3
        assert "bad.csv cannot be scored" in first["stdout"]
        assert r"\x1b.csv cannot be named so in S3" in first["stderr"]
        assert "\x1b" not in first["stdout"] + first["stderr"]
        (tmp_path / "late.csv").write_text(ROWS + "4,良,\n", "utf-8")
        with _watching(stack, tmp_path):
            come(lambda: len(worker.drops) == 4)
            come(lambda: names(scored).count("late.ID.csv") == 2)
            come(lambda: _done(scored)["sentiment/late.csv"][0] == (tmp_path / "late.csv").stat().st_size)
    assert len(worker.drops) == 4
    files = [f"{name}.ID{end}.csv" for name in ("late", "late", "口コミ") for end in ("", ".rejected")]
    assert names(scored) == sorted([".done.json", *files])


def _done(scored: Path) -> dict[str, list[int]]:
    path = scored / ".done.json"
    stored: dict[str, list[int]] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return stored


class _watching:  # noqa: N801 - used as a function
    """A watch in a process of its own; Ctrl-C ends it, and what it said is there afterwards."""

    def __init__(self, stack: Deployed, folder: Path) -> None:
        self._process = stack.started("batch", "--watch", str(folder), "--model", "sentiment")
        self._said: dict[str, str] = {}

    def __enter__(self) -> dict[str, str]:
        return self._said

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        stdout, stderr = self._process.communicate(timeout=COME_SECONDS)
        self._said |= {"stdout": stdout.decode(), "stderr": stderr.decode()}
        assert self._process.returncode == 0, stderr
        assert "The watch has ended" in self._said["stderr"]


@pytest.fixture
def dead_letters(stack: Deployed) -> Any:
    """The queue's client, with 13 dead letters: more than one receive gives."""
    sqs = boto3.client("sqs", endpoint_url=stack.aws)
    for number in range(13):
        key = quote_plus(f"sentiment/口コミ {number}.csv")
        body = json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})
        sqs.send_message(QueueUrl=stack.outputs["InboxDeadLetterQueueUrl"], MessageBody=body)
    return sqs


def _count(sqs: Any, queue: str) -> int:
    """How many can be received at once."""
    names = ["ApproximateNumberOfMessages"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"])


def test_dead_letters_are_listed_and_left_where_they_are(stack: Deployed, dead_letters: Any) -> None:
    result = stack.run("redrive", "--dry-run")
    assert result.exit_code == 0, result.output
    assert all(f"sentiment/口コミ {number}.csv" in result.stdout for number in range(13))
    assert "13 messages" in result.stdout
    assert _count(dead_letters, stack.outputs["InboxDeadLetterQueueUrl"]) == 13
    assert _count(dead_letters, stack.outputs["InboxQueueUrl"]) == 0


def test_dead_letters_go_back_to_the_inbox(stack: Deployed, dead_letters: Any) -> None:
    result = stack.run("redrive")
    assert result.exit_code == 0, result.output
    assert "13 messages moved back" in result.stdout
    assert _count(dead_letters, stack.outputs["InboxDeadLetterQueueUrl"]) == 0
    assert _count(dead_letters, stack.outputs["InboxQueueUrl"]) == 13
    again = stack.run("redrive")
    assert again.exit_code == 0
    assert "is empty" in again.stdout


def test_a_move_that_fails_midway_loses_no_message(stack: Deployed, dead_letters: Any) -> None:
    dead_letters.delete_queue(QueueUrl=stack.outputs["InboxQueueUrl"])
    assert stack.run("redrive").exit_code == 1
    assert _count(dead_letters, stack.outputs["InboxDeadLetterQueueUrl"]) == 13


def test_a_stack_without_an_inbox_is_told_to_be_deployed(aws: str, tmp_path: Path) -> None:
    template = {
        "Resources": {"ModelBucket": TEMPLATE["Resources"]["ModelBucket"]},
        "Outputs": {"ModelBucketName": TEMPLATE["Outputs"]["ModelBucketName"]},
    }
    boto3.client("cloudformation", endpoint_url=aws).create_stack(
        StackName="before-batch", TemplateBody=json.dumps(template)
    )
    result = CliRunner().invoke(app, ["redrive", "--stack", "before-batch"])
    assert "make deploy" in str(result.exception)


def test_s3_may_be_out_of_reach_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    listener = listen(0, "a test")
    nobody = local_client("s3", f"http://127.0.0.1:{listener.getsockname()[1]}")
    listener.close()
    looks = waiting.Looks(nobody, "results", Drop("inbox", "sentiment/a.csv", "1", "e"))
    assert looks.report() is None
    monkeypatch.setattr(waiting, "AWAY_MAX_SECONDS", 0.0)
    with pytest.raises(EndpointConnectionError):
        looks.report()
