"""`coldframe models`: what is published, and what is live."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from coldframe.changes import CHAMPION, alias_name
from coldframe.store import Store
from infra.cli.options import Stack
from infra.cli.place import place
from infra.cli.registry.versions import main_figures, megabytes
from infra.cli.registry.words import minute
from models.forge.catalog import Entry, aliases_or_none, entries


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
        (name, entry.version, since if entry.version == live else "", *_facts(entry))
        for entry in entries(store, name)
    ]


def _facts(entry: Entry) -> tuple[str, str]:
    if entry.manifest is None:
        return "", escape(entry.problem)
    return megabytes(entry.manifest), main_figures(entry.manifest) or "not measured"
