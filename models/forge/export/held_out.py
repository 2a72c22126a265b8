"""Rows that the model was not fitted to, from a CSV, and how well it does on them."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.forge.csv_file import UnusableRows, read_table
from models.forge.figures import OWN_ROWS, Figure
from models.forge.metrics import label_f1

LABEL = "label"
FLOAT_MAX = float(np.finfo(np.float32).max)
SPLIT = "held out: rows that the model was not fitted to, by its trainer's word"


class HeldOut(NamedTuple):
    """The file's name, its numbers (rows, features), and each row's label as its place among the labels."""

    name: str
    rows: NDArray[np.float32]
    targets: NDArray[np.int64]


def read_held_out(path: Path, features: Sequence[str], labels: Sequence[str]) -> HeldOut:
    """Read the columns of the features, and LABEL. Raises `UnusableRows` with the line and the fix."""
    table = read_table(path, _bytes(path))
    places = _places(path, next(table)[1], [*features, LABEL])
    rows, targets = [], []
    for line, cells in table:
        if cells:
            *numbers, label = _cells(path, line, cells, places)
            rows.append([_number(path, line, *pair) for pair in zip(features, numbers, strict=True)])
            targets.append(_target(path, line, label, labels))
    if not rows:
        raise UnusableRows(f"{path.name} has no rows below its header.")
    return HeldOut(path.name, np.array(rows, np.float32), np.array(targets, np.int64))


def figures(held_out: HeldOut, scores: NDArray[np.float64]) -> list[Figure]:
    """Accuracy, and macro-F1 over the labels that occur, from the scores (rows, labels) of its rows."""
    predicted = scores.argmax(axis=1)
    occurring = np.union1d(held_out.targets, predicted)
    measured = {
        "accuracy": float((predicted == held_out.targets).mean()),
        "macro_f1": float(label_f1(held_out.targets, predicted, occurring).mean()),
    }
    return [
        Figure(metric, round(value, 4), held_out.name, len(predicted), SPLIT, OWN_ROWS)
        for metric, value in measured.items()
    ]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnusableRows(f"{path} cannot be read: {error.strerror}.") from error


def _places(path: Path, header: Sequence[str], wanted: Sequence[str]) -> list[int]:
    names = [name.strip() for name in header]
    if missing := [name for name in wanted if name not in names]:
        raise UnusableRows(
            f"{path.name}: line 1 has no column {', '.join(missing)}. It has {', '.join(names)}."
        )
    return [names.index(name) for name in wanted]


def _cells(path: Path, line: int, cells: Sequence[str], places: Sequence[int]) -> list[str]:
    if len(cells) <= max(places):
        raise UnusableRows(f"{path.name}: line {line} has {len(cells)} cells: give one a column.")
    return [cells[place].strip() for place in places]


def _number(path: Path, line: int, feature: str, cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not abs(number) <= FLOAT_MAX:
        raise UnusableRows(f"{path.name}: line {line}: {feature} is {cell!r}, and must be a finite number.")
    return number


def _target(path: Path, line: int, label: str, labels: Sequence[str]) -> int:
    if label not in labels:
        raise UnusableRows(f"{path.name}: line {line}: {label!r} is none of the labels {', '.join(labels)}.")
    return labels.index(label)
