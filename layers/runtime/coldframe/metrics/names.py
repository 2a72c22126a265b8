"""What the custom metrics are called, for who writes them and who reads them.

CloudWatch charges each name of each endpoint, so their number is bounded: `METRICS_MAX_COUNT` in limits.py.
"""

from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, unquote

from coldframe import limits

REQUEST = "Requests"
REQUESTS = tuple(f"{REQUEST}{hundreds}xx" for hundreds in range(1, 6))
SERVER_ERRORS = REQUESTS[-1]
LATENCY_MS = "LatencyMs"
# One a request, not cumulative: a line then carries one of them, and who reads them adds them up.
LATENCY_BUCKETS = (
    *(f"LatencyTo{bound}Ms" for bound in limits.LATENCY_BOUNDS_MS),
    f"LatencyAbove{limits.LATENCY_BOUNDS_MS[-1]}Ms",
)
ITEMS, FALLBACKS, COLD_STARTS = "Items", "Fallbacks", "ColdStarts"
LOADS, LOAD_MS, LOAD_FAILURES = "Loads", "LoadMs", "LoadFailures"
ROWS_SCORED, ROWS_REJECTED = "RowsScored", "RowsRejected"
PREDICTIONS = "Predictions_"
# Of one version. A request counts under the version that answered it; these, under the one that did not.
FAILURES = "Failures"  # of a challenger, on requests that the champion then answered
NOT_OPENED = "NotOpened"  # a load failure that is the version's own
COMPARED, DISAGREEMENTS = "Compared", "Disagreements"  # a challenger in the shadow of a champion
MODEL, MODEL_VERSION = "model", "model_version"  # the dimensions of what is counted for each version
OTHER_PREDICTIONS = PREDICTIONS  # of the labels beyond the bound; no label is empty

OF_A_MODEL = (
    *REQUESTS,
    LATENCY_MS,
    *LATENCY_BUCKETS,
    ITEMS,
    FALLBACKS,
    COLD_STARTS,
    LOADS,
    LOAD_MS,
    LOAD_FAILURES,
    ROWS_SCORED,
    ROWS_REJECTED,
    OTHER_PREDICTIONS,
)

# What the guardian reads of each version, beside its labels.
OF_A_VERSION = (
    *REQUESTS,
    *LATENCY_BUCKETS,
    ITEMS,
    FALLBACKS,
    FAILURES,
    NOT_OPENED,
    COMPARED,
    DISAGREEMENTS,
)

OF_A_SHADOW = (NOT_OPENED, COMPARED, DISAGREEMENTS)

# Of the batch function beside the rows; a file's outcome follows the name.
MESSAGES, FILES = "Messages", "Files"


def of_status(status: int) -> str:
    """Return the metric that counts an answer with this HTTP status."""
    return REQUESTS[status // 100 - 1]


def of_latency(ms: float) -> str:
    """Return the bucket of a call that took so long."""
    return LATENCY_BUCKETS[bisect_left(limits.LATENCY_BOUNDS_MS, ms)]


@lru_cache(maxsize=limits.METRIC_LABELS_MAX_COUNT)
def of_labels(labels: tuple[str, ...]) -> Mapping[str, str]:
    """Return the metric of each label that has its own; the others share `OTHER_PREDICTIONS`."""
    first = labels[: limits.METRIC_LABELS_MAX_COUNT]
    names = {label: PREDICTIONS + quote(label, safe="", errors="replace") for label in first}
    return {label: name for label, name in names.items() if len(name) <= limits.METRIC_NAME_MAX_CHARS}


def label_of(name: str) -> str:
    """Return the label whose predictions this metric counts; `(others)` for those that share one."""
    return unquote(name.removeprefix(PREDICTIONS)) or "(others)"
