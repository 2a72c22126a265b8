"""The labels that stand in a user's rows."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from coldframe import limits
from coldframe.errors import ColdframeError
from infra.cli.new.files import ALARM, THRESHOLD_ROWS_MIN_COUNT
from models.forge.csv_file import UnusableRows, read_csv
from models.forge.rows import ROWS_MIN_COUNT

_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,49}")
_SHOWN = 5


def read_labels(paths: Sequence[Path]) -> tuple[str, ...]:
    """The labels of the rows, the most frequent first; spelled as most often, case aside.

    Raises `UnusableRows` with the fix.
    """
    spellings = Counter(line.label.strip() for path in paths for line in read_csv(path) if line.text.strip())
    spellings.pop("", None)  # training tells of rows without a label, with their lines
    counts: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for label, count in spellings.most_common():
        counts[labels.setdefault(label.casefold(), label)] += count
    found = tuple(label for label, _ in counts.most_common())
    _check(found, counts)
    return found


def check_alarm(alarm: Collection[str], counts: Mapping[str, int]) -> None:
    """Raise `ColdframeError` unless these labels can raise an alarm, as `counts` has the rows of all."""
    labels = list(counts)
    for label in alarm:
        if label not in labels:
            raise ColdframeError(f"--alarm {label!r} is none of the labels, which are {', '.join(labels)}.")
    if alarm and set(alarm) == set(labels):
        raise ColdframeError("--alarm names all labels: leave out those of harmless texts.")
    if alarm and ALARM in map(str.casefold, labels):
        raise ColdframeError(f"With --alarm no label can be called {ALARM!r}: rename it in the rows.")
    raising = sum(counts[label] for label in alarm)
    if alarm and min(raising, sum(counts.values()) - raising) < THRESHOLD_ROWS_MIN_COUNT:
        raise UnusableRows(
            f"An alarm needs {THRESHOLD_ROWS_MIN_COUNT} rows that raise it and as many that do not, and there"
            f" are {raising} of {sum(counts.values())}: add rows, or leave out --alarm."
        )


def _check(labels: Sequence[str], counts: Counter[str]) -> None:
    if len(labels) > limits.METRIC_LABELS_MAX_COUNT:
        rare = sum(counts[label] < ROWS_MIN_COUNT for label in labels)
        raise UnusableRows(
            f"The rows have {len(labels):,} labels ({', '.join(map(repr, labels[:_SHOWN]))} …), of which"
            f" {rare:,} have fewer than {ROWS_MIN_COUNT} rows. A model has at most"
            f" {limits.METRIC_LABELS_MAX_COUNT}: join labels or leave some out, or see whether the right"
            " column is named label."
        )
    for label in labels:
        if not _LABEL.fullmatch(label):
            raise UnusableRows(
                f"The label {label!r} cannot be used: labels become names of columns and metrics. Write at"
                " most 50 letters (A-Z, a-z), digits, spaces, hyphens and underscores, the first a letter or"
                " digit."
            )
