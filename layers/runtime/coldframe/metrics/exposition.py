"""Figures as text, in the format that Prometheus reads.

https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from coldframe import limits
from coldframe.metrics import names
from coldframe.metrics.cloudwatch import Figures

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NOTE = (
    "# Sums over all environments since midnight UTC, when they begin anew at 0. CloudWatch lags by minutes, "
    f"and is asked at most every {limits.METRICS_CACHE_SECONDS:g} s.\n"
)
LATENCY, LOADING = "coldframe_request_duration_seconds", "coldframe_model_load_seconds"
BOUNDS = (*(str(bound / 1e3) for bound in limits.LATENCY_BOUNDS_MS), "+Inf")

Sums = Mapping[str, float]  # of one endpoint, by CloudWatch's name
Sample = tuple[str, Mapping[str, str], float]  # what follows the family's name, labels, value


@dataclass(frozen=True)
class Family:
    """A metric as Prometheus has it, and how its samples are made of one endpoint's sums."""

    name: str
    kind: str
    help: str
    samples: Callable[[Sums], Iterable[Sample]]

    def text(self, sums: Mapping[str, Sums]) -> str:
        """Write the family, which has samples of every endpoint that counts such a thing."""
        lines = [
            _line(self.name + suffix, {"endpoint": endpoint, **labels}, value)
            for endpoint, of_endpoint in sorted(sums.items())
            for suffix, labels, value in self.samples(of_endpoint)
        ]
        return "".join([_head(self.name, self.kind, self.help), *lines]) if lines else ""


def _single(name: str) -> Callable[[Sums], Iterable[Sample]]:
    return lambda sums: [("", {}, sums[name])] if name in sums else []


def _by(label: str, prefix: str, value_of: Callable[[str], str]) -> Callable[[Sums], Iterable[Sample]]:
    return lambda sums: [
        ("", {label: value_of(name)}, sums[name]) for name in sorted(sums) if name.startswith(prefix)
    ]


def _latency(sums: Sums) -> Iterator[Sample]:
    if names.LATENCY_MS in sums:
        totals = list(accumulate(sums.get(name, 0.0) for name in names.LATENCY_BUCKETS))
        yield from (("_bucket", {"le": le}, total) for le, total in zip(BOUNDS, totals, strict=True))
        yield "_sum", {}, sums[names.LATENCY_MS] / 1e3
        yield "_count", {}, totals[-1]


def _loading(sums: Sums) -> Iterator[Sample]:
    if names.LOADS in sums:
        yield "_sum", {}, sums.get(names.LOAD_MS, 0.0) / 1e3
        yield "_count", {}, sums[names.LOADS]


def _rest(prefix: str) -> Callable[[str], str]:
    return lambda name: name.removeprefix(prefix).lower()


FAMILIES = (
    Family(
        "coldframe_requests_total",
        "counter",
        "Requests that reached a function; what the gateway refuses is not among them.",
        _by("status", names.REQUEST, _rest(names.REQUEST)),
    ),
    Family(LATENCY, "histogram", "A function's own work on a request.", _latency),
    Family("coldframe_items_total", "counter", "Texts that were answered.", _single(names.ITEMS)),
    Family(
        "coldframe_predictions_total",
        "counter",
        "Predictions by label.",
        _by("label", names.PREDICTIONS, names.label_of),
    ),
    Family(
        "coldframe_fallbacks_total",
        "counter",
        "Texts that were answered without a model.",
        _single(names.FALLBACKS),
    ),
    Family(
        "coldframe_cold_starts_total",
        "counter",
        "Environments that took their first event.",
        _single(names.COLD_STARTS),
    ),
    Family(LOADING, "summary", "Fetching, checking and opening a model version.", _loading),
    Family(
        "coldframe_model_load_failures_total",
        "counter",
        "Attempts to load a model that failed.",
        _single(names.LOAD_FAILURES),
    ),
    Family(
        "coldframe_rows_scored_total",
        "counter",
        "Rows of CSV files that were scored.",
        _single(names.ROWS_SCORED),
    ),
    Family(
        "coldframe_rows_rejected_total",
        "counter",
        "Rows of CSV files that cannot be scored.",
        _single(names.ROWS_REJECTED),
    ),
    Family(
        "coldframe_files_total",
        "counter",
        "Runs of dropped files by what they came to.",
        _by("outcome", names.FILES, _rest(names.FILES)),
    ),
)


def is_read(name: str) -> bool:
    """Say whether the text is made of this metric, among others."""
    return name in names.OF_A_MODEL or name.startswith((names.PREDICTIONS, names.FILES))


def exposition(figures: Figures, endpoint: str | None = None) -> str:
    """Write the figures of all endpoints, or of one."""
    sums: dict[str, dict[str, float]] = {}
    for series, value in figures.sums.items():
        if endpoint in (None, series.endpoint):
            sums.setdefault(series.endpoint, {})[series.name] = value
    return NOTE + "".join(family.text(sums) for family in FAMILIES) + _time_of(figures)


def _time_of(figures: Figures) -> str:
    name = "coldframe_figures_timestamp_seconds"
    return _head(name, "gauge", "When CloudWatch was asked.") + _line(name, {}, figures.at.timestamp())


def _head(name: str, kind: str, help_text: str) -> str:
    return f"# HELP {name} {help_text}\n# TYPE {name} {kind}\n"


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    pairs = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{pairs}}} {value!r}\n" if pairs else f"{name} {value!r}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
