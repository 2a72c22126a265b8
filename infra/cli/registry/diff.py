"""`coldframe diff`: two versions of a model side by side."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from coldframe.manifest import FileEntry, Manifest
from infra.cli.notes import printable
from infra.cli.options import Published, Stack, Version
from infra.cli.place import place
from infra.cli.registry.document import facts_of
from infra.cli.registry.versions import gate
from models.forge.catalog import manifest_of
from models.forge.compare import Pair, loss, pairs

MARK = "≠"
FACTS = ("kind", "labels", "features", "calibration", "input", "verdict", "alarm", "outcomes", "made_with")
Row = tuple[str, str, str]


def diff(name: Published, before: Version, after: Version, stack: Stack = None) -> None:
    """Compare two versions of a model: facts, files, thresholds and figures; what differs is marked ≠.

    [bold]Examples[/]

    coldframe diff sentiment v1.0.0 v1.1.0

    coldframe diff tickets v1.0.0 "$(coldframe latest tickets)"
    """
    store = place(stack).store()
    old, new = manifest_of(store, name, before), manifest_of(store, name, after)
    console = Console(highlight=False)
    tables = {"facts": _facts, "files": _files, "thresholds": _thresholds}
    for title, rows in tables.items():
        _print(console, f"{name}: {title}", (before, after), rows(old, new))
    _print_figures(console, f"{name}: figures on held-out data", old, new)


def _print(console: Console, title: str, versions: tuple[str, str], rows: Iterator[Row]) -> None:
    table = Table("", "", *versions, title=title)
    for what, old, new in rows:
        mark = MARK if old != new else ""
        table.add_row(Text(mark, "bold yellow"), *(Text(one, overflow="fold") for one in (what, old, new)))
    if table.rows:
        console.print(table)


def _facts(old: Manifest, new: Manifest) -> Iterator[Row]:
    before, after = facts_of(old), facts_of(new)
    for key in FACTS:
        if before.get(key) or after.get(key):
            yield key.replace("_", " "), _said(before.get(key, "")), _said(after.get(key, ""))
    yield "gate", gate(old), gate(new)


def _files(old: Manifest, new: Manifest) -> Iterator[Row]:
    before, after = ({entry.name: entry for entry in one.files} for one in (old, new))
    for name in dict.fromkeys([*before, *after]):
        yield name, _file(before.get(name)), _file(after.get(name))


def _file(entry: FileEntry | None) -> str:
    if entry is None:
        return "none"
    owner = f", of {entry.owner}" if entry.owner else ""
    return f"{entry.size:,} bytes, {entry.sha256[:12]}…{owner}"


def _thresholds(old: Manifest, new: Manifest) -> Iterator[Row]:
    for name in dict.fromkeys([*old.thresholds, *new.thresholds]):
        yield name, _threshold(old, name), _threshold(new, name)


def _threshold(manifest: Manifest, name: str) -> str:
    return f"{manifest.thresholds[name]['value']:g}" if name in manifest.thresholds else "none"


def _print_figures(console: Console, title: str, old: Manifest, new: Manifest) -> None:
    table = Table("", "data", "metric", title=title)
    for heading in (old.version, new.version, "change"):
        table.add_column(heading, justify="right")
    for pair in pairs(old, new):
        mark = MARK if pair.before != pair.after else ""
        numbers = (_number(pair.before), _number(pair.after))
        table.add_row(
            Text(mark, "bold yellow"), Text(pair.dataset), Text(pair.metric), *numbers, _change(pair)
        )
    if table.rows:
        console.print(table)


def _change(pair: Pair) -> Text:
    if pair.before is None or pair.after is None or not (lost := loss(pair)):
        return Text("")
    said = f"{pair.after - pair.before:+.4f} {'worse' if lost > 0 else 'better'}"
    return Text(said, "red" if lost > 0 else "green")


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_said(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_said, value))
    return printable(str(value))
