"""What schemathesis cannot learn from the documents: what a CSV is, and which names there are."""

import csv
import io
from typing import Any

import schemathesis
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Case = schemathesis.Case[Any]

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
    body: Any = case.body
    if case.meta is not None and case.meta.generation.mode.is_positive and isinstance(body, dict):
        if body.get("column") and "file" in body:
            body["file"] = rows_written([(body["column"], "another")]) + body["file"].removeprefix(_HEADER)
        if "model" in body:
            body["model"] = "sentiment"
    if "model_type" in case.path_parameters and len(case.path_parameters["model_type"]) % 2:
        case.path_parameters["model_type"] = "sentiment"
    return case


@schemathesis.hook
def flatmap_query(
    context: schemathesis.HookContext, query: dict[str, Any] | None
) -> SearchStrategy[dict[str, Any]]:
    """Send parameters that no operation has: without them many a GET would have one example only."""
    return st.dictionaries(_TEXTS, _TEXTS, max_size=3).map(lambda more: more | (query or {}))
