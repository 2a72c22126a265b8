"""A report as a person reads it: a table of what became of the rows, or what is wrong and how to mend it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from infra.cli.notes import printable

Report = Mapping[str, Any]
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}


def show(report: Report, name: str, files: Sequence[Path]) -> None:
    """Print the report of the file with this name, and which files were written."""
    console = Console(markup=False, emoji=False, highlight=False)
    done = report["state"] == "done"
    for line in success(report, name) if done else failure(report, name):
        console.print(printable(line), soft_wrap=True)
    if done:
        console.print(table(report))
    for path in files:
        console.print(f"Written: {path}", soft_wrap=True)


def success(report: Report, name: str) -> Iterator[str]:
    """Give the lines that say what scored the file, and how the file was read."""
    yield f"{name} is scored by {report['model']} {report['model_version']}."
    delimiter = DELIMITERS.get(report["delimiter"], report["delimiter"])
    yield f"Read as {report['encoding']} with {delimiter}; the column {report['column']} was scored."


def failure(report: Report, name: str) -> Iterator[str]:
    """Give the lines that say why the file cannot be scored, and what to do."""
    yield f"{name} cannot be scored: {report['problem']}"
    yield f"What to do: {report['fix']}"
    if report.get("columns"):
        yield f"Its columns: {', '.join(report['columns'])} (--column NAME chooses one)"


def table(report: Report) -> Table:
    """Return rows, scored rows by label and rejected rows by reason, with shares in percent."""
    made = Table()
    made.add_column("", overflow="fold")
    made.add_column("rows", justify="right", no_wrap=True)
    made.add_column("share", justify="right", no_wrap=True)
    for what, count, of in _counts(report):
        made.add_row(printable(what), f"{count:,}", f"{count / of:.1%}" if of else "")
    return made


def _counts(report: Report) -> Iterator[tuple[str, int, int]]:
    """Give what is counted, how many rows, and of how many. Labels' shares are of the scored rows."""
    rows, scored = report["rows"], report["scored"]
    yield "in the file", rows, 0
    yield "scored", scored, rows
    for label, count in _by_count(report["labels"]):
        yield f"  {label}", count, scored
    yield "rejected", report["rejected"], rows
    for reason, count in _by_count(report["reasons"]):
        yield f"  {reason}", count, rows


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
