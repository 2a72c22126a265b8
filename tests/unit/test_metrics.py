"""What is counted in a line, how much of it there can be, and what Prometheus is told of it."""

import json
import os
from collections import deque
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Coldframe")  # read when the telemetry is imported

from coldframe import limits, telemetry
from coldframe.metrics import names
from coldframe.metrics.cloudwatch import Figures, Series
from coldframe.metrics.exposition import exposition, is_read
from coldframe.slot import LoadEvent
from tests.handlers import Context

LABELS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
SUMS = {
    Series("sentiment", "Requests2xx"): 7.0,
    Series("sentiment", "Requests4xx"): 0.0,
    Series("sentiment", "LatencyMs"): 1250.0,
    Series("sentiment", "LatencyTo5Ms"): 4.0,
    Series("sentiment", "LatencyTo100Ms"): 2.0,
    Series("sentiment", "LatencyAbove500Ms"): 1.0,
    Series("sentiment", "Loads"): 2.0,
    Series("sentiment", "LoadMs"): 90.0,
    Series("sentiment", "Predictions_positive"): 9.0,
    Series("sentiment", "Predictions_"): 1.0,
    Series("moderation", "Requests2xx"): 3.0,
    Series("moderation", "Fallbacks"): 2.0,
    Series("batch", "RowsScored"): 1_000_000.0,
    Series("batch", "FilesDone"): 2.0,
}


def families(text: str) -> dict[str, Metric]:
    return {family.name: family for family in text_string_to_metric_families(text)}


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    found = [one for family in text_string_to_metric_families(text) for one in family.samples]
    by_name = {(one.name, frozenset(one.labels.items())): one.value for one in found}
    assert len(by_name) == len(found)
    return by_name


def sample(text: str, name: str, **labels: str) -> float:
    return samples(text)[name, frozenset(labels.items())]


def emitted(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in lines if "_aws" in line]


def counted(line: dict[str, Any]) -> set[str]:
    return {metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}


def test_a_model_has_at_most_forty_metrics_whatever_happens_and_all_are_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    labels = tuple(f"label {number}" for number in range(200))

    def everything(event: Any, context: Any) -> dict[str, Any]:
        for status in range(100, 600):
            telemetry.count_request(status, float(status))
        for ms in (0.0, 1.0, 10.0, 50.0, 200.0, 1e6):
            telemetry.count_request(200, ms)
        telemetry.count_predictions(labels, labels)
        telemetry.count_fallbacks(1)
        telemetry.count_rows(1, 1)
        events = deque([LoadEvent("v1.0.0", {"alias": 1.0, "open": 2.0}), LoadEvent(None, {}, "away")])
        telemetry.report_loads(SimpleNamespace(name="any", events=events))  # type: ignore[arg-type]
        return {}

    telemetry.observed(everything)({}, Context())  # type: ignore[arg-type]
    of_a_model = set[str]().union(*map(counted, emitted(capsys)))
    assert len(of_a_model) == limits.METRICS_MAX_COUNT
    assert set(names.OF_A_MODEL) < of_a_model
    assert all(map(is_read, of_a_model))


def test_a_call_is_one_line_and_says_nothing_of_what_there_was_none_of(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def predict(event: Any, context: Any) -> dict[str, Any]:
        telemetry.count_predictions(("yes", "no"), ["yes", "yes"])
        telemetry.count_rows(0, 0)
        telemetry.count_request(200, 5.0)
        return {}

    handler = telemetry.observed(predict)
    handler({}, Context())  # type: ignore[arg-type]
    handler({}, Context())  # type: ignore[arg-type]
    cold, warm = emitted(capsys)
    assert counted(warm) == {"Items", "Predictions_yes", "Requests2xx", "LatencyTo5Ms", "LatencyMs"}
    assert counted(cold) == counted(warm) | {"ColdStarts"}
    assert warm["Predictions_yes"] == warm["Items"] == [2.0]


@given(st.floats(0, 1e6))
def test_a_bucket_holds_what_its_bounds_say(ms: float) -> None:
    place = names.LATENCY_BUCKETS.index(names.of_latency(ms))
    bounds = (float("-inf"), *limits.LATENCY_BOUNDS_MS, float("inf"))
    assert bounds[place] < ms <= bounds[place + 1]


@given(st.lists(LABELS, min_size=1, max_size=30, unique=True).map(tuple))
def test_any_label_has_a_name_that_cloudwatch_takes_and_is_read_back(labels: tuple[str, ...]) -> None:
    for label, name in names.of_labels(labels).items():
        assert name.isascii()
        assert name.isprintable()
        assert len(name) <= limits.METRIC_NAME_MAX_CHARS
        assert names.label_of(name) == label


def test_half_of_a_surrogate_pair_is_counted_too() -> None:
    assert names.of_labels(("\ud800",)) == {"\ud800": "Predictions_%3F"}


@given(LABELS)
def test_labels_are_escaped(label: str) -> None:
    name = names.of_labels((label,)).get(label, names.OTHER_PREDICTIONS)
    text = exposition(Figures({Series(label, name): 3.0}, AT))
    (predictions,) = families(text)["coldframe_predictions"].samples
    assert predictions.labels["endpoint"] == label
    assert predictions.labels["label"] == (label if name != names.OTHER_PREDICTIONS else "(others)")
    assert predictions.value == 3.0


def test_prometheus_own_parser_reads_each_figure() -> None:
    text = exposition(Figures(SUMS, AT))
    assert {name: family.type for name, family in families(text).items()} == {
        "coldframe_requests": "counter",
        "coldframe_request_duration_seconds": "histogram",
        "coldframe_predictions": "counter",
        "coldframe_fallbacks": "counter",
        "coldframe_model_load_seconds": "summary",
        "coldframe_rows_scored": "counter",
        "coldframe_files": "counter",
        "coldframe_figures_timestamp_seconds": "gauge",
    }
    assert sample(text, "coldframe_requests_total", endpoint="sentiment", status="2xx") == 7
    assert sample(text, "coldframe_requests_total", endpoint="sentiment", status="4xx") == 0
    assert sample(text, "coldframe_requests_total", endpoint="moderation", status="2xx") == 3
    assert sample(text, "coldframe_predictions_total", endpoint="sentiment", label="positive") == 9
    assert sample(text, "coldframe_predictions_total", endpoint="sentiment", label="(others)") == 1
    assert sample(text, "coldframe_rows_scored_total", endpoint="batch") == 1_000_000
    assert sample(text, "coldframe_files_total", endpoint="batch", outcome="done") == 2
    assert sample(text, "coldframe_fallbacks_total", endpoint="moderation") == 2
    assert sample(text, "coldframe_model_load_seconds_sum", endpoint="sentiment") == 0.09
    assert sample(text, "coldframe_model_load_seconds_count", endpoint="sentiment") == 2
    assert sample(text, "coldframe_figures_timestamp_seconds") == AT.timestamp()


def test_the_buckets_of_a_histogram_are_cumulative_and_all_there() -> None:
    text = exposition(Figures(SUMS, AT))
    name = "coldframe_request_duration_seconds"
    buckets = {
        le: sample(text, f"{name}_bucket", endpoint="sentiment", le=le)
        for le in ("0.005", "0.025", "0.1", "0.5", "+Inf")
    }
    assert list(buckets.values()) == [4, 4, 6, 6, 7]
    assert sample(text, f"{name}_count", endpoint="sentiment") == 7
    assert sample(text, f"{name}_sum", endpoint="sentiment") == 1.25


def test_one_endpoint_alone() -> None:
    labels = [dict(labels) for _, labels in samples(exposition(Figures(SUMS, AT), "moderation")) if labels]
    assert {one["endpoint"] for one in labels} == {"moderation"}


def test_no_figures_are_a_text_too() -> None:
    assert list(families(exposition(Figures({}, AT)))) == ["coldframe_figures_timestamp_seconds"]
