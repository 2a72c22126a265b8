"""A few texts with the labels that the model gives them, for a test that the user can add to."""

import csv
from collections.abc import Iterator
from pathlib import Path

from coldframe.classifier import open_classifier
from models.forge.rows import Rows
from models.forge.version import Version

_CHARS_MAX_COUNT = 300  # of a text that is pleasant to read


def write_checks(path: Path, rows: Rows, version: Version) -> None:
    """Write a row of each label: of those that the model gets right the one that it is surest of."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("text", "label"), *_surest(rows, version)])


def _surest(rows: Rows, version: Version) -> Iterator[tuple[str, str]]:
    best: dict[str, tuple[float, str]] = {}
    answers = open_classifier(version.manifest, version.files).predict(rows.texts)
    for text, target, answer in zip(rows.texts, rows.targets, answers, strict=True):
        label = rows.labels[target]
        if answer["label"] == label and len(text) <= _CHARS_MAX_COUNT:
            best[label] = max(best.get(label, (0.0, text)), (answer["scores"][label], text))
    return ((best[label][1], label) for label in rows.labels if label in best)
