"""`coldframe show`: all that a version says of itself."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text
from typer import Argument

from coldframe.manifest import FileEntry, Manifest
from infra.cli.options import Published, Stack
from infra.cli.place import place
from infra.cli.registry.document import facts_of, rendered
from infra.cli.registry.versions import state
from infra.cli.registry.words import minute
from models.forge.catalog import Entry, aliases_or_none, entry_of, live_or_latest
from models.forge.promote import target_of

IN_TABLES = ("name", "version", "kind", "files", "metrics", "manifest_version")


def show(
    name: Published,
    version: Annotated[
        str | None, Argument(help="v1.2.3; without it, the champion, or else the newest.", show_default=False)
    ] = None,
    stack: Stack = None,
) -> None:
    """Print all that a version's manifest says: kind, labels, files, figures, thresholds, gate.

    [bold]Examples[/]

    coldframe show sentiment

    coldframe show encoder v1.0.0 --stack coldframe-dev
    """
    where = place(stack)
    store = where.store()
    entry = entry_of(store, name, version or live_or_latest(store, name, where.environment))
    console = Console(highlight=False, markup=False, emoji=False)
    said = state(entry, aliases_or_none(store, name)).replace("\n", ", ")
    console.print(f"{name} {entry.version}: {said}, in {where.stack}", style="bold")
    _print(console, entry, entry.whole(name), target_of(store, name, entry.version).manifest_sha256)


def _print(console: Console, entry: Entry, manifest: Manifest, manifest_sha256: str) -> None:
    if entry.published:
        console.print(f"published: {minute(entry.published)} UTC")
    console.print(f"manifest: SHA-256 {manifest_sha256}", soft_wrap=True)
    console.print(f"kind: {manifest.kind}")
    document = facts_of(manifest)
    metrics = {key: value for key, value in document["metrics"].items() if key != "figures"}
    facts = {key: value for key, value in document.items() if key not in IN_TABLES}
    for one in rendered({**facts, "metrics": metrics}):
        console.print(one)
    console.print(_files(manifest.files))
    if figures := manifest.metrics.get("figures"):
        console.print(_figures(figures))
        for line in _conditions(figures):
            console.print(line, soft_wrap=True)


def _files(files: Sequence[FileEntry]) -> Table:
    table = Table(title="files")
    for heading in ("file", "bytes", "SHA-256", "borrowed from"):
        table.add_column(heading, justify="right" if heading == "bytes" else "left", overflow="fold")
    for entry in files:
        table.add_row(Text(entry.name), f"{entry.size:,}", entry.sha256, Text(entry.owner))
    return table


def _figures(figures: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title="figures on held-out data")
    for heading in ("dataset", "metric", "value", "rows"):
        table.add_column(heading, justify="right" if heading in {"value", "rows"} else "left")
    for one in figures:
        table.add_row(*_figure(one))
    return table


def _figure(one: Mapping[str, Any]) -> tuple[RenderableType, ...]:
    rows = f"{one['rows']:,}" if "rows" in one else ""
    return Text(one["dataset"]), Text(one["metric"]), f"{one['value']:.4f}", rows


def _conditions(figures: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say how the figures were measured, and on what terms the data may be used, once each."""
    splits = {f"Measured by: {one['split']}" for one in figures if "split" in one}
    terms = {f"{one['dataset']}: {one['terms']}" for one in figures if "terms" in one}
    return sorted(splits) + sorted(terms)
