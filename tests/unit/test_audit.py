"""The line that a decision leaves: what was decided, and never the text."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coldframe import audit, telemetry
from coldframe.classifier import Classifier
from coldframe.linear import LinearText
from tests import made

Lines = Callable[[list[str]], list[dict[str, Any]]]
CLASSIFIER = Classifier(LinearText.open(made.weights(), made.LABELS), made.manifest("v1.0.0", made.weights()))


@pytest.fixture
def lines(capfd: pytest.CaptureFixture[str]) -> Lines:
    def written(texts: list[str]) -> list[dict[str, Any]]:
        telemetry.logger.set_correlation_id("a-request")
        rows = CLASSIFIER.rows(texts)
        audit.decisions("sentiment", "v1.0.0", CLASSIFIER.columns, texts, rows)
        return [json.loads(line) for line in capfd.readouterr().out.splitlines()]

    return written


def test_a_line_says_what_was_decided_of_which_text_by_which_version(lines: Lines) -> None:
    (line,) = lines(["良い"])
    ((words, numbers),) = CLASSIFIER.rows(["良い"])
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "message": "decision",
        "request_id": "a-request",
        "model": "sentiment",
        "model_version": "v1.0.0",
        "text_sha256": hashlib.sha256("良い".encode()).hexdigest(),
        **dict(zip(CLASSIFIER.columns, (*words, *numbers), strict=True)),
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_there_is_a_line_for_each_text_in_order(lines: Lines, texts: list[str]) -> None:
    assert [line["text_sha256"] for line in lines(texts)] == list(map(audit.text_sha256, texts))


def test_half_of_a_surrogate_pair_has_a_hash_too() -> None:
    assert audit.text_sha256("\ud800") == hashlib.sha256(b"\xed\xa0\x80").hexdigest()
