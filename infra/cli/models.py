"""`coldframe models`: what is published, and what is live."""

from rich.console import Console
from rich.table import Table

from coldframe.aliases import CHAMPION, alias_name
from coldframe.errors import ObjectNotFound
from coldframe.registry import published_versions, read_manifest
from coldframe.store import Store
from infra.cli.options import Stack
from infra.cli.place import place
from infra.cli.registry.words import minute
from models.forge.catalog import aliases_or_none


def models(stack: Stack = None) -> None:
    """List every published version, with what is live and since when.

    [bold]Examples[/]

    coldframe models

    coldframe models --stack coldframe-prod
    """
    where = place(stack)
    store = where.store()
    table = Table(title=f"Models in {where.stack} ({where.bucket})")
    for heading in ("model", "version", "live since (UTC)", "size", "measured"):
        table.add_column(heading, justify="right" if heading == "size" else "left")
    for name in store.folders("models/"):
        for row in _rows(store, name, where.environment):
            table.add_row(*row)
    Console().print(table if table.rows else "Nothing is published: run coldframe publish NAME.")


def _rows(store: Store, name: str, environment: str) -> list[tuple[str, ...]]:
    aliases = aliases_or_none(store, name)
    champion, last = aliases.champion(environment), aliases.last_change(alias_name(CHAMPION, environment))
    live, since = (champion.version if champion else None), minute(last.at if last else "")
    return [
        (name, version, since if version == live else "", *_facts(store, name, version))
        for version in published_versions(store, name)
    ]


def _facts(store: Store, name: str, version: str) -> tuple[str, str]:
    try:
        manifest = read_manifest(store, name, version)
    except ObjectNotFound:
        return "", "incomplete: publish it again"
    by_dataset: dict[str, list[str]] = {}
    for figure in manifest.metrics.get("figures", []):
        by_dataset.setdefault(figure["dataset"], []).append(f"{figure['metric']} {figure['value']:.3f}")
    size = sum(entry.size for entry in manifest.files)
    measured = (f"{dataset}: {', '.join(figures)}" for dataset, figures in by_dataset.items())
    return f"{size / 1e6:.2f} MB", "\n".join(measured) or "not measured"
