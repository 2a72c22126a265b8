"""The command's words for versions and for what is live, against moto's S3."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import boto3
import pytest
from typer.testing import CliRunner, Result

from coldframe import limits
from coldframe.changes import Note
from coldframe.errors import StoreUnavailable
from coldframe.features import GRAPH
from coldframe.manifest import Manifest
from coldframe.registry import change, manifest_key, read_aliases, version_prefix
from coldframe.store import Store
from infra.cli import place
from infra.cli.main import app
from infra.cli.registry import status as status_module
from models.forge import unneeded
from models.forge.promote import target_of
from models.forge.publish import publish
from tests import made, made_features

TEMPLATE = {
    "Resources": {"ModelBucket": {"Type": "AWS::S3::Bucket"}},
    "Outputs": {
        "ModelBucketName": {"Value": {"Ref": "ModelBucket"}},
        "ModelEnvironment": {"Value": "production"},
    },
}


class Deployed:
    """A stack; `run` gives what a word printed, with any error's message."""

    def __init__(self, aws: str, name: str) -> None:
        self.name = name
        cloudformation = boto3.client("cloudformation", endpoint_url=aws)
        cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(TEMPLATE))
        outputs = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
        self.bucket = next(one["OutputValue"] for one in outputs if one["OutputKey"] == "ModelBucketName")
        self.store = Store.open(self.bucket)

    def published(self, version: str, seed: int = 0, accuracy: float = 0.8, **changes: object) -> Manifest:
        weights = made.weights(seed)
        figures = [{"dataset": "reviews", "metric": "accuracy", "value": accuracy, "rows": 1_000}]
        manifest = replace(made.manifest(version, weights), metrics={"figures": figures}, **changes)  # type: ignore[arg-type]
        publish(self.store, manifest, {"weights.npz": weights}, made.NOTE)
        return manifest

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--stack", self.name], env={"COLUMNS": "80"})

    def says(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exit_code == 0, result.output + str(result.exception)
        assert all(len(line) <= 80 for line in result.stdout.splitlines() if line[:1] in {*"┏┃┡│└"})
        return " ".join(result.output.split())

    def refuses(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exit_code == 1, result.output
        return f"{result.output} {result.exception}"

    def live(self, environment: str = "production") -> str:
        champion = read_aliases(self.store, "sentiment")[0].champion(environment)
        assert champion is not None
        return champion.version


def moment() -> str:
    return datetime.now(UTC).isoformat()


@pytest.fixture
def stack(aws: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    monkeypatch.setattr(place, "_on_aws", cache(place._on_aws))  # most of the time of each command
    deployed = Deployed(aws, f"registry-{abs(hash(request.node.nodeid)):x}")
    for seed, version in enumerate(("v1.0.0", "v1.1.0")):
        deployed.published(version, seed, 0.8 + seed / 100)
    return deployed


def test_a_version_is_tried_promoted_and_rolled_back(stack: Deployed) -> None:
    said = stack.says("canary", "sentiment", "v1.1.0", "--why", "May's reviews")
    assert "production challenger: none → v1.1.0 (5%)" in said
    assert "Now v1.0.0 answers, beside the challenger v1.1.0 (5%) in production" in said
    assert "AliasRefreshSeconds: 30 seconds unless the stack sets another number, 5 in the" in said
    assert f"coldframe status sentiment --watch --stack {stack.name}" in said
    assert "v1.1.0 (25%)" in stack.says("canary", "sentiment", "v1.1.0", "--percent", "25")
    assert "challenger 25%" in stack.says("versions", "sentiment")
    assert "v1.1.0 (25%)" in stack.says("status")
    assert "champion: v1.0.0 → v1.1.0" in stack.says("promote", "sentiment", "v1.1.0")
    assert stack.live() == "v1.1.0"
    assert "Nothing changed" in stack.says("promote", "sentiment", "v1.1.0")
    assert "v1.1.0 → v1.0.0" in stack.says("rollback", "sentiment", "--why", "it dislikes ramen")
    assert "Last change: sentiment, production champion: v1.1.0 → v1.0.0" in stack.says("status", "sentiment")
    assert "(shadow)" in stack.says("shadow", "sentiment", "v1.1.0")
    assert "v1.1.0 → none" in stack.says("withdraw", "sentiment")
    assert "Nothing changed" in stack.says("withdraw", "sentiment")
    told = stack.says("history", "sentiment")
    assert "dislikes" in told
    assert "May's" in told
    assert "v1.0.0" in stack.says("history", "sentiment", "--limit", "1") + told


def test_what_others_wrote_does_not_steer_the_terminal(stack: Deployed) -> None:
    stack.published("v1.2.0", 2, made_with={"numpy": "\x1b[2J"})
    promoted = ("promote", "sentiment", "v1.2.0", "--why", "[red]\x1b[2J")
    seen = [stack.says(*promoted), stack.says("status"), stack.says("history", "sentiment")]
    seen += [stack.says("history", "sentiment", "--at", moment()), stack.says("show", "sentiment")]
    seen.append(stack.says("diff", "sentiment", "v1.0.0", "v1.2.0"))
    for said in seen:
        assert "\x1b" not in said
        assert "\\x1b[2J" in said


def test_environments_are_apart(stack: Deployed) -> None:
    published = stack.says("publish", "sentiment", "--version", "v1.2.0", "--environment", "staging")
    assert "the champion of staging" in published
    published = stack.says("publish", "sentiment", "--version", "v1.3.0", "--environment", "staging")
    assert "coldframe promote sentiment v1.3.0 --environment staging --stack" in published
    promoted = stack.says("promote", "sentiment", "v1.1.0", "--environment", "staging")
    assert "follow production, and do not take it up" in promoted
    assert (stack.live(), stack.live("staging")) == ("v1.0.0", "v1.1.0")
    listed = stack.says("versions", "sentiment")
    assert "staging" in listed
    told = stack.says("history", "sentiment", "--at", moment())
    assert "production champion: v1.0.0" in told
    assert "staging champion: v1.1.0" in told
    assert "--environment" in stack.run("promote", "sentiment", "v1.1.0", "--environment", "prod").output


def test_a_worse_version_is_refused_unless_forced_with_a_reason(stack: Deployed) -> None:
    stack.published("v1.2.0", 2, accuracy=0.7)
    assert "0.700, and 0.800 of v1.0.0" in stack.refuses("promote", "sentiment", "v1.2.0")
    assert "--why" in stack.refuses("promote", "sentiment", "v1.2.0", "--force")
    assert stack.live() == "v1.0.0"
    assert "forced, though" in stack.says("promote", "sentiment", "v1.2.0", "--force", "--why", "a leak")
    assert stack.live() == "v1.2.0"
    stack.says("promote", "sentiment", "v1.0.0")
    stack.says("promote", "sentiment", "v1.2.0", "--margin", "0.2")


def test_what_cannot_be_done_is_said_with_what_there_is(stack: Deployed) -> None:
    assert "there is v1.0.0, v1.1.0" in stack.refuses("promote", "sentiment", "v9.9.9")
    assert "there is v1.0.0, v1.1.0" in stack.refuses("show", "sentiment", "v9.9.9")
    assert "there is none" in stack.refuses("rollback", "sentiment", "--steps", "3")
    assert "never the champion" in stack.refuses("rollback", "sentiment", "--to", "v1.1.0")
    assert "one of them" in stack.refuses("rollback", "sentiment", "--to", "v1.1.0", "--steps", "3")
    assert "champion already" in stack.refuses("canary", "sentiment", "v1.0.0")
    for word in ("versions", "show", "latest", "verify", "withdraw", "rollback", "history", "status", "gc"):
        assert "there is sentiment" in stack.refuses(word, "nonsense")


def test_versions_tell_their_state(stack: Deployed) -> None:
    stack.store.create(f"{version_prefix('sentiment', 'v1.2.0')}weights.npz", b"half")
    stack.store.create(manifest_key("sentiment", "v1.3.0"), b"{}")
    listed = stack.says("versions", "sentiment")
    for word in ("champion", "published", "incomplete", "manifest", "accuracy", "0.800", "(reviews)"):
        assert word in listed
    assert "incomplete" in stack.refuses("show", "sentiment", "v1.2.0")
    assert "manifest version None" in stack.refuses("show", "sentiment", "v1.3.0")


def test_latest_is_the_newest_whole_version_and_nothing_else(stack: Deployed) -> None:
    stack.published("v1.10.0")
    stack.store.create(f"{version_prefix('sentiment', 'v1.11.0')}weights.npz", b"half")
    assert stack.run("latest", "sentiment").stdout == "v1.10.0\n"


def test_show_has_all_that_the_manifest_says(stack: Deployed) -> None:
    labels = {
        label: {"value": number / 8, "table": [{"threshold": 0.5, "f1": 0.25}]}
        for number, label in enumerate(made.LABELS)
    }
    manifest = stack.published(
        "v1.2.0",
        thresholds=labels,
        smoke=(),
        made_with={"numpy": "2.4.6"},
        parity={"verdict": "SAFE", "cosine_min": 0.976},
        input={"maxLength": 500, "description": "reviews"},
    )
    shown = stack.says("show", "sentiment", "v1.2.0")
    target = target_of(stack.store, "sentiment", "v1.2.0")
    words = ("linear-text", "verdict: SAFE", "cosine min: 0.976", "numpy: 2.4.6", "maxLength: 500", "0.125")
    for word in (*words, *made.LABELS, *made.VERDICT.values(), target.manifest_sha256, "reviews", "accuracy"):
        assert word in shown
    assert manifest.files[0].sha256[:20] in shown
    assert "champion" in stack.says("show", "sentiment")


def test_verify_tells_a_flipped_byte_and_a_missing_file(stack: Deployed) -> None:
    assert "sound" in stack.says("verify", "sentiment")
    assert stack.says("verify", "sentiment", "--all").count("is sound") == 2
    s3, key = boto3.client("s3"), f"{version_prefix('sentiment', 'v1.1.0')}weights.npz"
    weights = bytearray(made.weights(1))
    weights[1_000] ^= 1
    s3.put_object(Bucket=stack.bucket, Key=key, Body=bytes(weights))
    assert "SHA-256" in stack.refuses("verify", "sentiment", "v1.1.0")
    assert "v1.0.0 is sound" in stack.refuses("verify", "sentiment", "--all").replace("\n", " ")
    stack.store.delete(key)
    assert "nothing is stored at" in stack.refuses("verify", "sentiment", "v1.1.0")
    stack.says("verify", "sentiment", "v1.0.0")


def test_verify_holds_a_live_manifest_to_its_alias(stack: Deployed) -> None:
    data = replace(made.manifest("v1.0.0", made.weights()), calibration="isotonic").to_bytes()
    boto3.client("s3").put_object(Bucket=stack.bucket, Key=manifest_key("sentiment", "v1.0.0"), Body=data)
    assert "of its alias" in stack.refuses("verify", "sentiment")


def test_of_a_model_of_features_nothing_is_said_that_is_for_texts(stack: Deployed) -> None:
    data = made_features.graph()
    for version in ("v1.0.0", "v1.1.0"):
        publish(stack.store, made_features.manifest(data, version), {GRAPH: data}, made.NOTE)
    for words in (("show", "boxes"), ("diff", "boxes", "v1.0.0", "v1.1.0")):
        said = stack.says(*words)
        assert "features: age, size, weight" in said
        assert "characters" not in said
        assert "platt" not in said


def test_a_model_of_features_is_verified_tried_promoted_and_rolled_back(stack: Deployed) -> None:
    data = made_features.graph()
    for version in ("v1.0.0", "v1.1.0"):
        publish(stack.store, made_features.manifest(data, version), {GRAPH: data}, made.NOTE)
    assert "boxes v1.1.0 is sound" in stack.says("verify", "boxes", "v1.1.0")
    assert "none → v1.1.0 (50%)" in stack.says("canary", "boxes", "v1.1.0", "--percent", "50")
    assert "v1.0.0 → v1.1.0" in stack.says("promote", "boxes", "v1.1.0")
    assert "v1.1.0 → v1.0.0" in stack.says("rollback", "boxes")


def test_diff_marks_what_differs(stack: Deployed) -> None:
    stack.published("v1.2.0", 2, 0.75, thresholds={"positive": {"value": 0.25}}, features="words")
    said = stack.says("diff", "sentiment", "v1.0.0", "v1.2.0")
    for words in ("≠ │ features", "≠ │ weights.npz", "≠ │ positive", "-0.0500 worse", "none", "0.25"):
        assert words in said
    assert "≠ │ labels" not in said
    assert "≠" not in stack.says("diff", "sentiment", "v1.0.0", "v1.0.0")
    assert "+0.0100 better" in stack.says("diff", "sentiment", "v1.0.0", "v1.1.0")


def test_history_answers_for_times_that_the_document_holds_no_more(stack: Deployed) -> None:
    old = [target_of(stack.store, "sentiment", version) for version in ("v1.0.0", "v1.1.0")]
    begin = datetime(2026, 1, 2, tzinfo=UTC)
    count = limits.ALIAS_HISTORY_MAX_COUNT + 20
    for number in range(1, count):
        at = (begin + timedelta(hours=number)).isoformat(timespec="milliseconds")
        note = Note(at, "somebody", f"reason {number}")
        target = old[number % 2]
        change(stack.store, "sentiment", lambda was, n=note, t=target: was.promoted("production", t, n))  # type: ignore[misc]
    said = stack.says("history", "sentiment", "--at", "2026-01-02T05:30")
    assert "2026-01-02T05:30 has no zone: it is taken as UTC" in said
    assert "production champion: v1.1.0, since 2026-01-02 05:00 (revision 6), by somebody: reason 5" in said
    assert "reason 5;" in stack.says("history", "sentiment", "--at", "2026-01-02T14:30+09:00")
    assert "nothing was live yet" in stack.says("history", "sentiment", "--at", "2025-12-31")
    assert "100 earlier changes: --limit 120 shows them too" in stack.says("history", "sentiment")
    assert "reason 1 " in stack.says("history", "sentiment", "--limit", "500") + " "


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01", "0001-01-01T00:00+14:00", ""])
def test_what_is_no_time_is_refused_with_an_example(stack: Deployed, time: str) -> None:
    assert "2026-11-01T12:00" in stack.refuses("history", "sentiment", "--at", time)


def test_a_time_to_come_is_refused(stack: Deployed) -> None:
    ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert "is in the future" in stack.refuses("history", "sentiment", "--at", ahead)


def test_status_is_shown_again_and_outlives_a_store_that_is_away(
    stack: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, looks = status_module._read, iter(["well", "away", "promoted", "end"])

    def look(store: Store, name: str | None) -> object:
        match next(looks):
            case "away":
                raise StoreUnavailable("the object store did not answer")
            case "promoted":
                stack.says("promote", "sentiment", "v1.1.0", "--why", "in between")
            case "end":
                raise KeyboardInterrupt
        return read(store, name)

    monkeypatch.setattr(status_module, "_read", look)
    monkeypatch.setattr(status_module, "WATCH_SECONDS", 0)
    result = stack.run("status", "sentiment", "--watch")
    assert result.exit_code == 130
    assert "in between" in result.stdout


def test_gc_lists_first_and_then_removes(stack: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.published("v1.2.0", 2)
    assert "too young" in stack.says("gc")
    monkeypatch.setattr(unneeded, "UNUSED_DAYS", -1)
    listed = stack.says("gc", "sentiment")
    assert "v1.1.0" in listed
    assert f"coldframe gc sentiment --remove --stack {stack.name}" in listed
    assert "v1.2.0" not in listed
    assert "v1.1.0: removed" in stack.says("gc", "--remove")
    assert stack.store.folders("models/sentiment/") == ["v1.0.0", "v1.2.0"]
    assert "needed" in stack.says("gc", "--remove")


def test_publish_says_what_to_type_next(stack: Deployed, tmp_path: Path) -> None:
    folder = written(tmp_path / "reviews-v1.0.0", "v1.0.0", "reviews")
    assert "reviews v1.0.0 is live" in stack.says("publish", str(folder))
    folder = written(tmp_path / "reviews-v1.1.0", "v1.1.0", "reviews", seed=1)
    said = stack.says("publish", str(folder))
    assert "not live: production stays at v1.0.0" in said
    for word in ("promote", "canary"):
        assert f"coldframe {word} reviews v1.1.0 --stack {stack.name}" in said
    assert "leave out --version" in stack.refuses("publish", str(folder), "--version", "v1.2.0")
    assert "manifest.json is missing" in stack.refuses("publish", str(tmp_path / "nowhere"))
    assert "There is no model nonsense" in stack.refuses("publish", "nonsense")


def written(folder: Path, version: str, name: str, seed: int = 0) -> Path:
    weights = made.weights(seed)
    manifest = replace(made.manifest(version, weights), name=name)
    folder.mkdir()
    (folder / "manifest.json").write_bytes(manifest.to_bytes())
    (folder / "weights.npz").write_bytes(weights)
    return folder
