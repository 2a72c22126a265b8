"""`coldframe threshold` against moto's S3: from scored rows to a new version with other thresholds."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from coldframe.batch.writing import header_text, result_text
from coldframe.changes import CHAMPION
from coldframe.loading import Stopwatch, load
from coldframe.manifest import FileEntry, Manifest
from coldframe.predictor import Predictor
from coldframe.registry import read_aliases, signature_key, version_prefix
from coldframe.signing import Signature
from coldframe.store import Store
from infra.cli.main import app
from models.forge.keys import KeyFile
from models.forge.publish import publish
from models.forge.signing import sign_version
from tests import made
from tests.generated import labelled_texts

LABELS = ("hate", "offensive", "benign")
TEMPLATE = {
    "Resources": {"ModelBucket": {"Type": "AWS::S3::Bucket"}},
    "Outputs": {"ModelBucketName": {"Value": {"Ref": "ModelBucket"}}},
}
BEST_F1 = ("--objective", "best-f1")


class Deployed:
    """A stack with a made model live, which has an alarm."""

    def __init__(self, aws: str, name: str, **changes: Any) -> None:
        self.name = name
        cloudformation = boto3.client("cloudformation", endpoint_url=aws)
        cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(TEMPLATE))
        outputs = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
        self.store = Store.open(outputs[0]["OutputValue"])
        weights = made.weights()
        manifest = replace(
            made.manifest("v1.0.9", weights),
            name="moderation",
            files=(FileEntry.of("weights.npz", weights),),
            labels=LABELS,
            verdict={},
            alarm={"name": "abusive", "labels": ["hate", "offensive"]},
            thresholds={"abusive": {"value": 0.5}},
        )
        publish(self.store, replace(manifest, **changes), {"weights.npz": weights}, made.NOTE)

    def live(self) -> Predictor:
        target = read_aliases(self.store, "moderation")[0].aliases[CHAMPION]
        return load(self.store, "moderation", target, Stopwatch()).predictor

    def manifest(self) -> Manifest:
        return self.live().manifest

    def scored(self, path: Path, count: int = 400) -> Path:
        """Labelled texts as the batch function writes them: the truth agrees with the score in most rows."""
        texts = [text for text, _ in labelled_texts(count, made.LABELS)]
        answers = self.live().rows(texts)
        random = np.random.default_rng(1)
        scores = np.array([numbers[-len(LABELS) :] for _, numbers in answers])
        truths = [LABELS[(row + random.normal(0, 0.3, 3)).argmax()] for row in scores]
        rows = [[text, truth] for text, truth in zip(texts, truths, strict=True)]
        header = header_text(["text", "label"], self.live().columns, ",")
        lines = result_text(rows, [",".join(row) for row in rows], answers, ",")
        path.write_text(header + lines, "utf-8")
        return path

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, ["threshold", "moderation", *words, "--stack", self.name])


@pytest.fixture
def stack(aws: str, request: pytest.FixtureRequest) -> Deployed:
    return Deployed(aws, f"threshold-{abs(hash(request.node.nodeid)):x}")


def test_a_threshold_is_chosen_shown_drawn_and_published(stack: Deployed, tmp_path: Path) -> None:
    data = stack.scored(tmp_path / "labelled.1234abcd.csv")
    before, weights = stack.manifest(), version_prefix("moderation", "v1.0.9") + "weights.npz"
    result = stack.run("--data", str(data), *BEST_F1, "--why", "May's complaints")
    assert result.exit_code == 0, result.output
    after = stack.manifest()
    chosen = after.thresholds["abusive"]
    assert after == replace(before, version="v1.0.10", thresholds={"abusive": chosen})
    copied = version_prefix("moderation", "v1.0.10") + "weights.npz"
    assert stack.store.get(copied, 10**7).data == stack.store.get(weights, 10**7).data
    assert read_aliases(stack.store, "moderation")[0].history[-1].why == "May's complaints"
    pictures = {path.name for path in tmp_path.glob("*.svg")}
    kinds = ("precision-recall", "scores", "objective", "reliability")
    assert pictures == {f"labelled.1234abcd.abusive.{kind}.svg" for kind in kinds}
    for words in (
        "live: 0.5",
        "actual not abusive",
        "predicted abusive",
        "alerts per 1,000",
        "95% of resamples",
    ):
        assert words in result.stdout
    assert f"abusive: {chosen['value']:g}, it was 0.5. Chosen on 400 rows" in result.stdout


def test_after_a_signed_version_the_new_one_is_signed_too(stack: Deployed, tmp_path: Path) -> None:
    data, file = str(stack.scored(tmp_path / "rows.csv")), tmp_path / "key.pem"
    sign_version(stack.store, "moderation", "v1.0.9", key := KeyFile.make(file))
    refused = stack.run("--data", data, *BEST_F1)
    assert "sign it first (coldframe sign moderation v1.0.10" in str(refused.exception)
    assert stack.manifest().version == "v1.0.9"
    result = stack.run("--data", data, *BEST_F1, "--key", str(file))
    assert result.exit_code == 0, result.output
    assert stack.manifest().version == "v1.0.11"
    signature = stack.store.get(signature_key("moderation", "v1.0.11"), 1_000).data
    assert Signature.parse(signature).key_id == key.key_id


def test_the_counts_are_those_of_what_is_served_with_the_new_threshold(
    stack: Deployed, tmp_path: Path
) -> None:
    data = stack.scored(tmp_path / "rows.csv")
    result = stack.run("--data", str(data), "--objective", "least-cost", "--miss", "3", "--false-alarm", "1")
    assert result.exit_code == 0, result.output
    with data.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    answers = stack.live().predict([row["text"] for row in rows])
    flagged = np.array([answer["probability"] >= answer["threshold"] for answer in answers])
    positive = np.array([row["label"] != "benign" for row in rows])
    assert stack.manifest().thresholds["abusive"]["at_value"]["confusion"] == {
        "actual abusive": {
            "predicted abusive": (positive & flagged).sum(),
            "predicted not abusive": (positive & ~flagged).sum(),
        },
        "actual not abusive": {
            "predicted abusive": (~positive & flagged).sum(),
            "predicted not abusive": (~positive & ~flagged).sum(),
        },
    }


def test_several_labels_get_a_threshold_each(aws: str, tmp_path: Path) -> None:
    stack = Deployed(aws, "threshold-of-labels", alarm={}, thresholds={})
    data = stack.scored(tmp_path / "rows.csv")
    words = ("--version", "v2.0.0", "--pictures", str(tmp_path / "drawn"))
    result = stack.run("--data", str(data), *BEST_F1, *words)
    assert result.exit_code == 0, result.output
    after = stack.manifest()
    assert (after.version, set(after.thresholds)) == ("v2.0.0", set(LABELS))
    assert len(list((tmp_path / "drawn").iterdir())) == 12
    again = stack.run("--data", str(data), *BEST_F1, "--of", "hate", "--truth", "label")
    assert again.exit_code == 0, again.output  # scored when there were no flags yet
    assert stack.manifest().thresholds == after.thresholds


def test_a_version_that_is_taken_is_refused(stack: Deployed, tmp_path: Path) -> None:
    data = stack.scored(tmp_path / "rows.csv")
    result = stack.run("--data", str(data), *BEST_F1, "--version", "v1.0.9")
    assert result.exit_code == 1
    assert "published already" in str(result.exception)
    assert stack.manifest().thresholds == {"abusive": {"value": 0.5}}


def test_the_models_own_label_is_not_taken_for_the_truth(stack: Deployed, tmp_path: Path) -> None:
    path = tmp_path / "unlabelled.csv"
    answers = stack.live().rows(["x"])
    path.write_text(
        header_text(["text"], stack.live().columns, ",") + result_text([["x"]], ["x"], answers, ",")
    )
    result = stack.run("--data", str(path), *BEST_F1)
    assert "what the model answered" in str(result.exception)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--objective", "best-fbeta"), "takes beta"),
        (("--objective", "best-f1", "--of", "spam"), "cannot have a threshold of spam"),
        (("--objective", "precision-at-recall", "--recall", "2"), "A recall of 2"),
    ],
)
def test_what_cannot_be_done_is_said(
    stack: Deployed, words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    data = stack.scored(tmp_path / "rows.csv", 60)
    result = stack.run("--data", str(data), *words)
    assert result.exit_code == 1
    assert said in str(result.exception)
    assert not list(tmp_path.glob("*.svg"))


def test_help_has_an_example() -> None:
    shown = CliRunner().invoke(app, ["threshold", "--help"], env={"COLUMNS": "80"})
    assert "\n coldframe threshold " in shown.stdout
