"""The rows that a model answers with, as output tensors: words as BYTES, numbers as FP64."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fastapi import HTTPException

from coldframe.inference.types import BYTES, FP64

if TYPE_CHECKING:  # NumPy comes with it
    from coldframe.decisions import Row
    from coldframe.predictor import Answering


def described(opened: "Answering") -> list[dict[str, Any]]:
    """Return the outputs, for the model's metadata: the columns of its table."""
    return [
        {"name": name, "datatype": datatype, "shape": [-1]} for name, datatype in datatypes(opened).items()
    ]


def datatypes(opened: "Answering") -> dict[str, str]:
    """Return each column's datatype, in their order."""
    words, numbers = opened.widest[0]
    kinds = [BYTES] * len(words) + [FP64] * len(numbers)
    return dict(zip(opened.columns, kinds, strict=True))


def outputs(opened: "Answering", rows: "Sequence[Row]", names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the columns of these names as tensors of shape [rows]; a number that is missing is None."""
    places = {name: place for place, name in enumerate(opened.columns)}
    known = datatypes(opened)
    cells = [(*words, *numbers) for words, numbers in rows]
    return [
        {
            "name": name,
            "shape": [len(rows)],
            "datatype": known[name],
            "data": [row[places[name]] for row in cells],
        }
        for name in names
    ]


def check_names(opened: "Answering", wanted: Sequence[str]) -> list[str]:
    """Return the names of the outputs to give, each once: all where none is wanted by name.

    Raises `HTTPException` for one that there is not.
    """
    columns = opened.columns
    for name in wanted:
        if name not in columns:
            raise HTTPException(400, f"The model has no output {name!r:.100}: it has {', '.join(columns)}.")
    return list(dict.fromkeys(wanted)) or list(columns)
