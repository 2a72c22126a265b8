"""A knowledge base as CSV: one row a phrasing, its problem and its category repeated on each."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from models.forge.csv_file import UnusableRows, read_table
from models.forge.knowledge.faults import Faults, UnusableKnowledge
from models.forge.knowledge.fields import nearest
from models.forge.knowledge.form import PHRASINGS_IN_ALL_MAX_COUNT
from models.forge.knowledge.nodes import Items, Keys, Scalar

_REQUIRED = ("problem", "category", "phrasing")
_OPTIONAL = ("automation", "percentage", "reasoning", "priority", "complexity")
_COLUMNS = (*_REQUIRED, *_OPTIONAL)


def parse_csv(path: Path, data: bytes, faults: Faults) -> Keys:
    """Return what a YAML file would say, where a category's name is its description too.

    Raises `UnusableKnowledge` when it is no such table.
    """
    try:
        return _gathered(_printable(read_table(path, data), faults), faults)
    except UnusableRows as error:
        raise UnusableKnowledge(str(error)) from error


def _gathered(table: Iterator[tuple[int, list[str]]], faults: Faults) -> Keys:
    _, header = next(table)
    places = _places(header, faults)
    categories: dict[str, Keys] = {}
    problems: dict[str, Keys] = {}
    for count, (line, row) in enumerate((one for one in table if one[1]), start=1):
        if count > PHRASINGS_IN_ALL_MAX_COUNT:
            wrong = f"there are more than {PHRASINGS_IN_ALL_MAX_COUNT:,} rows"
            raise faults.refusal(line, "file", wrong, "leave phrasings out")
        _take(_cells(line, row, places), line, categories, problems, faults)
    root = Keys(1)
    root.put("categories", Items(1, list(categories.values())))
    root.put("problems", Items(1, list(problems.values())))
    return root


def _printable(table: Iterator[tuple[int, list[str]]], faults: Faults) -> Iterator[tuple[int, list[str]]]:
    for line, row in table:
        for cell in row:
            faults.refuse_controls(cell, line)
        yield line, row


def _places(header: list[str], faults: Faults) -> dict[str, int]:
    names = [name.strip().casefold() for name in header]
    for name in names:
        if name not in _COLUMNS:
            faults.add(1, name or "header", "the column is unknown", partial(nearest, name, _COLUMNS))
        elif names.count(name) > 1:
            raise faults.refusal(1, name, "two columns have this name", "leave one of them")
    for name in _REQUIRED:
        if name not in names:
            raise faults.refusal(1, name, "the column is missing", "name a column so, or add it")
    return {name: place for place, name in enumerate(names) if name in _COLUMNS}


def _cells(line: int, row: list[str], places: dict[str, int]) -> dict[str, Scalar]:
    there = {name: row[place].strip() for name, place in places.items() if place < len(row)}
    return {name: Scalar(line, cell) for name, cell in there.items() if cell}


def _take(
    cells: dict[str, Scalar],
    line: int,
    categories: dict[str, Keys],
    problems: dict[str, Keys],
    faults: Faults,
) -> None:
    if missing := [name for name in _REQUIRED if name not in cells]:
        faults.add(line, missing[0], "the cell is empty", "fill it, or delete the row")
        return
    name, title = cells["category"], cells["problem"]
    phrasing = cells.pop("phrasing")
    if name.text not in categories:
        categories[name.text] = Keys(line)
        categories[name.text].put("category", name)
        categories[name.text].put("description", name)
    if title.text not in problems:
        problems[title.text] = Keys(line)
        for key, cell in cells.items():
            problems[title.text].put(key, cell)
        problems[title.text].put("phrasings", Items(line))
    problem = problems[title.text]
    _agree(cells, problem, line, faults)
    phrasings = problem.items["phrasings"]
    assert isinstance(phrasings, Items)  # noqa: S101 - put there above
    phrasings.items.append(phrasing)


def _agree(cells: dict[str, Scalar], problem: Keys, line: int, faults: Faults) -> None:
    """Note where this row says something else of its problem than the first."""
    for key in ("category", *_OPTIONAL):
        said = cells[key].text if key in cells else ""
        first = next((one.text for one in problem.texts(key)), "")
        if said != first:
            wrong = f"{said!r} is not what line {problem.line:,} says of the problem, {first!r}"
            faults.add(line, key, wrong, "write the same on all its rows")
