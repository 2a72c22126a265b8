"""What schemathesis cannot learn from the documents: what a CSV or a tensor is, and which names there are."""

import csv
import io
from typing import Any

import schemathesis
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from models.forge.version import read_version

Case = schemathesis.Case[Any]

PUBLISHED = {"model": "sentiment", "version": read_version("sentiment").manifest.version}

_TEXTS = st.text(st.characters(codec="utf-8"), max_size=50)
# Control characters are refused as binary data when they are many.
_CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=50)


def rows_written(rows: list[tuple[str, str]]) -> bytes:
    """Write a CSV."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


_HEADER = rows_written([("text", "another")])
_FILES = st.lists(st.tuples(_CELLS, _CELLS), max_size=20).map(lambda rows: _HEADER + rows_written(rows))
schemathesis.openapi.media_type("text/csv", _FILES)


@schemathesis.hook
def map_case(context: schemathesis.HookContext, case: Case) -> Case:
    """Make a request that is to be right name a column of its file, and a model: no schema can say that.

    About half of what looks models up asks for one that there is.
    """
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return case
    for name in PUBLISHED.keys() & case.path_parameters.keys():
        case.path_parameters[name] = PUBLISHED[name]
    if "model_type" in case.path_parameters and len(case.path_parameters["model_type"]) % 2:
        case.path_parameters["model_type"] = PUBLISHED["model"]
    body: Any = case.body
    if isinstance(body, dict):
        if body.get("column") and "file" in body:
            body["file"] = rows_written([(body["column"], "another")]) + body["file"].removeprefix(_HEADER)
        if "model" in body:
            body["model"] = PUBLISHED["model"]
        if "inputs" in body:
            body |= _fitting(body)
    return case


def _fitting(body: dict[str, Any]) -> dict[str, Any]:
    """One tensor of texts for the inputs, as many as the first one has data, and an output that there is."""
    (tensor, *_), outputs = body["inputs"], body.get("outputs")
    texts = [f"text {place}" for place, _ in enumerate(tensor["data"] or [""])]
    fits = {"name": "text", "shape": [len(texts)], "datatype": "BYTES", "data": texts}
    named = {"outputs": [one | {"name": "score"} for one in outputs]} if outputs else {}
    return {"inputs": [tensor | fits], **named}


@schemathesis.hook
def flatmap_query(
    context: schemathesis.HookContext, query: dict[str, Any] | None
) -> SearchStrategy[dict[str, Any]]:
    """Send parameters that no operation has: without them many a GET would have one example only."""
    return st.dictionaries(_TEXTS, _TEXTS, max_size=3).map(lambda more: more | (query or {}))
