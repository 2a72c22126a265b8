"""What is said of a text's probabilities: labels, alarms, thresholds, outcomes."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldframe.decisions import decision
from coldframe.errors import ManifestError
from coldframe.manifest import Manifest
from tests import made

LABELS = ("hate", "offensive", "benign")
ALARM = {"name": "abusive", "labels": ["hate", "offensive"]}
THRESHOLDS = {"abusive": {"value": 0.4}, "hate": {"value": 0.2}}
OUTCOMES = (
    {"when": ["abusive", "hate"], "risk_level": "HIGH"},
    {"when": ["abusive"], "risk_level": "MEDIUM"},
    {"when": [], "risk_level": "LOW"},
)
PLAIN = replace(made.manifest("v1.0.0", b""), labels=LABELS, verdict={})
FLAGGED = replace(PLAIN, thresholds={"hate": {"value": 0.2}, "benign": {"value": 0.5}})
ALARMED = replace(PLAIN, alarm=ALARM, thresholds=THRESHOLDS, outcomes=OUTCOMES)

scores = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(lambda x: [y / (sum(x) or 1) for y in x])


def said(manifest: Manifest, given_scores: list[float]) -> dict[str, Any]:
    found = decision(manifest)
    row = found.row(given_scores)
    assert len(found.columns) == len(row[0]) + len(row[1])
    return found.answer(row)


def test_without_thresholds_the_likeliest_label_is_all() -> None:
    assert said(PLAIN, [0.2, 0.5, 0.3]) == {
        "label": "offensive",
        "scores": {"hate": 0.2, "offensive": 0.5, "benign": 0.3},
    }


def test_thresholds_alone_raise_flags_by_name() -> None:
    assert said(FLAGGED, [0.2, 0.5, 0.3])["flags"] == ["hate"]
    assert said(FLAGGED, [0.1, 0.5, 0.4])["flags"] == []
    assert decision(FLAGGED).row([0.25, 0.15, 0.6])[0] == ("benign|hate", "hate")


def test_a_label_is_measured_by_its_threshold() -> None:
    assert said(FLAGGED, [0.24, 0.15, 0.61])["label"] == "benign"  # 1.2 times 0.2 against 1.22 times 0.5
    assert said(FLAGGED, [0.25, 0.15, 0.6])["label"] == "hate"
    assert said(FLAGGED, [0.1, 0.46, 0.44])["label"] == "offensive"  # by 0.5, having none of its own


@pytest.mark.parametrize(
    ("given_scores", "risk", "label"),
    [
        ([0.1, 0.1, 0.8], "LOW", "benign"),
        ([0.1, 0.3, 0.6], "MEDIUM", "offensive"),  # though benign is the likeliest of the three
        ([0.2, 0.3, 0.5], "HIGH", "hate"),  # it is twice as far beyond what it needs
        ([0.2, 0.6, 0.2], "HIGH", "offensive"),
        ([0.3, 0.2, 0.5], "HIGH", "hate"),
        ([0.25, 0.0, 0.75], "LOW", "benign"),  # hate is there, the alarm is not
    ],
)
def test_an_alarm_decides_first(given_scores: list[float], risk: str, label: str) -> None:
    found = said(ALARMED, given_scores)
    assert (found["risk_level"], found["label"]) == (risk, label)
    assert found["threshold"] == 0.4


@given(scores)
def test_what_is_said_never_contradicts_what_is_shown(given_scores: list[float]) -> None:
    found = said(ALARMED, given_scores)
    flagged = found["probability"] >= found["threshold"]
    assert flagged == (found["label"] in ALARM["labels"]) == (found["risk_level"] != "LOW")
    assert (found["risk_level"] == "HIGH") == (flagged and found["scores"]["hate"] >= 0.2)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"alarm": {"name": "abusive", "labels": ["unheard"]}}, "alarm"),
        ({"alarm": {"name": "hate", "labels": ["offensive"]}}, "alarm"),
        ({"alarm": {"name": "abusive", "labels": list(LABELS)}}, "alarm"),
        ({"alarm": {"name": "abusive", "labels": []}}, "alarm"),
        ({"thresholds": {"hate": {"value": 0.5}}}, "must have a threshold"),
        ({"thresholds": {"abusive": {"value": 0.5}, "unheard": {"value": 0.5}}}, "unheard"),
        ({"thresholds": {"abusive": {"value": 1.5}, "hate": {"value": 0.1}}}, "from 0 to 1"),
        ({"thresholds": {"abusive": {"value": float("nan")}, "hate": {"value": 0.1}}}, "from 0 to 1"),
        ({"thresholds": {"abusive": {}}}, "expected fields"),
        ({"thresholds": {"abusive": {"value": "half"}}}, "expected fields"),
        ({"outcomes": ({"when": ["unheard"], "a": "b"}, {"when": [], "a": "c"})}, "outcomes must name"),
        ({"outcomes": ({"when": ["hate"], "a": "b"},)}, "last one"),
        ({"outcomes": ({"when": ["hate"], "b": "b"}, {"when": [], "a": "c"})}, "same words"),
        ({"outcomes": ({"when": []},)}, "same words"),
        ({"outcomes": ({"when": [], "a": 1},)}, "words"),
        ({"outcomes": ({"a": "b"},)}, "expected fields"),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ManifestError, match=words):
        Manifest.parse(replace(ALARMED, **changes).to_bytes())


def test_a_manifest_with_all_of_it_reads_back() -> None:
    assert Manifest.parse(ALARMED.to_bytes()) == ALARMED
