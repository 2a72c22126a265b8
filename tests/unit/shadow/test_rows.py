"""The shadow of a model of features: it reads the numbers that were logged, and scores the same rows."""

import base64
import gzip
import json
from typing import Any

import numpy as np
import pytest
from onnx import helper

from coldframe import audit, float_rows
from coldframe.changes import PRODUCTION
from coldframe.features import GRAPH, open_features
from coldframe.registry import change
from coldframe.shadow.compare import Shadow
from coldframe.shadow.events import decisions
from coldframe.store import Store
from models.forge.publish import publish
from tests import made, made_features
from tests.made_features import SOFTMAX, graph

ROWS = [[0.1, 2.0, 0.5], [-3.0, 0.0, 1e3], [1.0, 0.0, 0.0]]
OPPOSITE = (
    SOFTMAX[0],
    helper.make_node("Neg", ["logits"], ["negated"]),
    helper.make_node("Softmax", ["negated"], ["probabilities"], axis=1),
)


def logged(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The event of what the champion answered to ROWS."""
    monkeypatch.setattr(audit, "_LOGS_INPUTS", True)
    champion = open_features(made_features.manifest(graph()), {GRAPH: graph()})
    items = list(map(float_rows.pack, ROWS))
    audit.decisions("boxes", "v1.0.0", champion.columns, items, champion.rows(items))
    lines = [{"message": line} for line in capsys.readouterr().out.splitlines()]
    data = gzip.compress(json.dumps({"logEvents": lines}).encode())
    return {"awslogs": {"data": base64.b64encode(data).decode()}}


def live(data: bytes) -> Store:
    """A store with a champion, and with this as its challenger's graph."""
    store = made.memory_store()
    publish(store, made_features.manifest(graph()), {GRAPH: graph()}, made.NOTE)
    target = publish(store, made_features.manifest(data, "v1.1.0"), {GRAPH: data}, made.NOTE)
    change(store, "boxes", lambda old: old.tried(PRODUCTION, target, 0, made.NOTE))
    return store


@pytest.mark.parametrize(("data", "disagreements"), [(graph(), None), (graph(OPPOSITE), [3])])
def test_a_challenger_scores_the_rows_that_the_champion_answered(
    data: bytes,
    disagreements: list[int] | None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = logged(capsys, monkeypatch)
    assert [one.item for one in decisions(event)] == [np.array(row, "<f4").tobytes() for row in ROWS]
    Shadow(live(data), PRODUCTION).score(decisions(event), lambda: 60.0)
    counted: dict[str, Any] = {}
    for line in capsys.readouterr().out.splitlines():
        counted |= json.loads(line)
    assert (counted["Compared"], counted.get("Disagreements")) == ([3], disagreements)
