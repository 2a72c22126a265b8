"""Which function and versions an AppSpec names."""

import json

import pytest

from coldframe.errors import RolloutRefused
from coldframe.rollout.deployment import Deployment
from tests.handlers import ROOT

REVISION = json.loads((ROOT / "tests/events/codedeploy-get-application-revision.json").read_text())
APPSPEC = REVISION["revision"]["string"]["content"]


def test_the_function_and_both_versions_are_read() -> None:
    assert Deployment.parse(APPSPEC) == Deployment("coldframe-prod-SentimentFunction-1A2B3C4D5E6F", "7", "8")


@pytest.mark.parametrize(
    "appspec",
    [
        "",
        "version: 0.0\nResources: []\n",
        "[]",
        "null",
        "{}",
        '{"Resources": []}',
        '{"Resources": [{}]}',
        '{"Resources": [[]]}',
        json.dumps({"Resources": json.loads(APPSPEC)["Resources"] * 2}),
        APPSPEC.replace("TargetVersion", "Target"),
    ],
)
def test_what_names_no_one_function_is_refused_with_what_to_do(appspec: str) -> None:
    with pytest.raises(RolloutRefused, match="make deploy"):
        Deployment.parse(appspec)
