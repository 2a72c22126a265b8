"""A document as lines and tables: what show prints of a manifest beyond the main facts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from coldframe.manifest import LINEAR_TEXT, Manifest
from infra.cli.notes import printable

INDENT_CHARS = 2
_OF_LINEAR_TEXT = ("features", "calibration")  # defaults in other kinds, which say nothing of them


def facts_of(manifest: Manifest) -> dict[str, Any]:
    """Return what a manifest says that holds for its kind."""
    left_out = () if manifest.kind == LINEAR_TEXT else _OF_LINEAR_TEXT
    return {key: value for key, value in asdict(manifest).items() if key not in left_out}


def rendered(document: Mapping[str, Any], level: int = 0) -> Iterator[RenderableType]:
    """Return a line for each value, a table for each list of objects, indented; what is empty is left out."""
    for key, value in document.items():
        if value in ({}, [], (), ""):
            continue
        yield from _entry(key.replace("_", " "), value, level)


def _entry(key: str, value: Any, level: int) -> Iterator[RenderableType]:
    if isinstance(value, Mapping):
        yield _indented(Text(f"{key}:"), level)
        yield from rendered(value, level + 1)
    elif isinstance(value, list | tuple) and all(isinstance(one, Mapping) for one in value):
        yield _indented(Text(f"{key}:"), level)
        yield _indented(_table(value), level + 1)
    else:
        yield _indented(Text(f"{key}: {_said(value)}"), level)


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    headings = list(dict.fromkeys(key for row in rows for key in row))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in headings:
        table.add_column(Text(heading.replace("_", " ")), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_said(row.get(heading, ""))) for heading in headings))
    return table


def _said(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_said, value))
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return printable(str(value))


def _indented(what: RenderableType, level: int) -> RenderableType:
    return Padding(what, (0, 0, 0, level * INDENT_CHARS), expand=False)
