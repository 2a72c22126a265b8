"""What a model of features says of rows of numbers, for the screen and for programs."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from coldframe.errors import RowsRefused
from coldframe.features import FeatureModel
from coldframe.predictor import Answer


def answers(rows: Sequence[Sequence[str]], model: FeatureModel) -> list[Answer]:
    """Return an answer a row: its label, and the labels' scores. Raises `RowsRefused`."""
    scores = model.scores(_matrix(rows, model.manifest.feature_names)).tolist()
    return [model.answer(model.decision.row(one)) for one in scores]


def table_of(rows: Sequence[Sequence[str]], model: FeatureModel) -> Table:
    """Answer the rows, a line each."""
    manifest = model.manifest
    table = Table(*manifest.feature_names, "label", title=f"{manifest.name} {manifest.version}")
    for label in manifest.labels:
        table.add_column(label, justify="right")
    for row, answer in zip(rows, answers(rows, model), strict=True):
        table.add_row(*row, answer["label"], *(f"{score:.3f}" for score in answer["scores"].values()))
    return table


def _matrix(rows: Sequence[Sequence[str]], features: Sequence[str]) -> NDArray[np.float64]:
    for place, row in enumerate(rows, 1):
        if len(row) != len(features):
            raise RowsRefused(
                f"row {place} has {len(row)} numbers: give {len(features)}, {', '.join(features)}"
            )
    try:
        return np.array(rows, np.float64)
    except ValueError as error:
        raise RowsRefused(f"a row holds what is no number: {error}") from error
