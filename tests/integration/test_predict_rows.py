"""`coldframe predict` of a model of features, against moto's S3."""

import json

import boto3
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from coldframe.errors import RowsRefused
from coldframe.features import GRAPH, open_features
from coldframe.store import Store
from infra.cli.main import app
from models.forge.publish import publish
from tests import made, made_features

TEMPLATE = {
    "Resources": {"ModelBucket": {"Type": "AWS::S3::Bucket"}},
    "Outputs": {"ModelBucketName": {"Value": {"Ref": "ModelBucket"}}},
}
ROWS = [[1.0, 2.0, 0.5], [-3.0, 0.0, 1e3]]


@pytest.fixture
def stack(aws: str, request: pytest.FixtureRequest) -> str:
    """A stack with a model of features live."""
    name = f"rows-{abs(hash(request.node.nodeid)):x}"
    cloudformation = boto3.client("cloudformation", endpoint_url=aws)
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(TEMPLATE))
    outputs = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    data = made_features.graph()
    publish(Store.open(outputs[0]["OutputValue"]), made_features.manifest(data), {GRAPH: data}, made.NOTE)
    return name


def run(stack: str, *words: str, given: str = "") -> Result:
    command = ["predict", "boxes", "--stack", stack, *words]
    return CliRunner().invoke(app, command, input=given, env={"COLUMNS": "200"})


def test_a_row_on_the_command_line_is_scored(stack: str) -> None:
    done = run(stack, "--json", "--", *map(str, ROWS[1]))
    data = made_features.graph()
    scores = open_features(made_features.manifest(data), {GRAPH: data}).scores(np.array(ROWS[1:]))[0]
    answer = json.loads(done.stdout)
    assert answer == {
        "label": made_features.LABELS[scores.argmax()],
        "scores": dict(zip(made_features.LABELS, scores.tolist(), strict=True)),
        "model_version": "v1.0.0",
    }


@pytest.mark.parametrize("separator", [" ", ", ", "\t"])
def test_rows_on_standard_input_are_a_line_each(stack: str, separator: str) -> None:
    lines = "\n\n".join(separator.join(map(str, row)) for row in ROWS)
    answers = [json.loads(line) for line in run(stack, "--json", given=lines).stdout.splitlines()]
    assert [answer["label"] for answer in answers] == ["small", "large"]


def test_a_table_shows_the_numbers_and_the_scores(stack: str) -> None:
    shown = run(stack, "1", "2", "0.5").stdout
    line = next(line for line in shown.splitlines() if "0.5" in line)
    cells = [cell.strip() for cell in line.strip("│").split("│")]
    assert cells[:4] == ["1", "2", "0.5", "small"]
    assert float(cells[4]) + float(cells[5]) == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["1", "2"], "row 1 has 2 numbers: give 3, age, size, weight"),
        (["1", "2", "heavy"], "a row holds what is no number: .*heavy"),
        (["1", "2", "nan"], "row 1: weight is nan: give a finite number"),
    ],
)
def test_what_is_no_row_is_refused(stack: str, words: list[str], said: str) -> None:
    done = run(stack, *words)
    with pytest.raises(RowsRefused, match=said):
        raise done.exception or AssertionError(done.output)
