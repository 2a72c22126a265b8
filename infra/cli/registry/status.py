"""`coldframe status`: what is live and what is on trial, once or as it changes."""

import time
from typing import Annotated

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text
from typer import Argument, Option

from coldframe.aliases import Aliases
from coldframe.changes import CHAMPION, ENVIRONMENTS, alias_name
from coldframe.errors import StoreError
from coldframe.store import Store
from infra.cli.options import Stack
from infra.cli.place import Place, place
from infra.cli.registry.words import challenger, minute, sentence
from models.forge.catalog import aliases_or_none, check_known

WATCH_SECONDS = 3.0


def status(
    name: Annotated[
        str | None, Argument(help="A published model's name; without it, every model.", show_default=False)
    ] = None,
    watch: Annotated[bool, Option("--watch", help="Show it again every 3 seconds; Ctrl-C ends it.")] = False,
    stack: Stack = None,
) -> None:
    """Show champion and challenger of every environment, since when, and the last change with its reason.

    [bold]Examples[/]

    coldframe status

    coldframe status sentiment --watch --stack coldframe-dev
    """
    where, console = place(stack), Console(highlight=False, markup=False, emoji=False)
    store = where.store()
    if name:
        check_known(store, name)
    if watch:
        _watch(console, where, store, name)
    else:
        console.print(_shown(where, _read(store, name)))


def _watch(console: Console, where: Place, store: Store, name: str | None) -> None:
    """Redraw until Ctrl-C; while the store is away, what was seen last stays, and that is said."""
    shown: RenderableType = ""
    with Live(console=console, auto_refresh=False) as live:
        while True:
            try:
                shown = _shown(where, _read(store, name))
                live.update(shown, refresh=True)
            except StoreError as error:
                live.update(Group(shown, Text(str(error), "red")), refresh=True)
            time.sleep(WATCH_SECONDS)


def _read(store: Store, name: str | None) -> dict[str, Aliases]:
    names = [name] if name else store.folders("models/")
    return {one: aliases_or_none(store, one) for one in names}


def _shown(where: Place, found: dict[str, Aliases]) -> RenderableType:
    table = Table(title=f"Live in {where.stack}, which follows {where.environment}")
    for heading in ("model", "environment", "champion", "since (UTC)", "challenger", "since (UTC)"):
        table.add_column(heading)
    for name, aliases in found.items():
        for environment in ENVIRONMENTS:
            if row := _row(aliases, environment):
                table.add_row(name, environment, *row)
    changes = [(one.history[-1], name) for name, one in found.items() if one.history]
    if not changes:
        return Text("Nothing is live: run coldframe publish NAME.")
    newest, name = max(changes, key=lambda pair: pair[0].at)
    return Group(table, Text(f"Last change: {name}, {sentence(newest)}"))


def _row(aliases: Aliases, environment: str) -> tuple[str, ...]:
    champion, trial = aliases.champion(environment), aliases.trial(environment)
    if champion is None:
        return ()
    last = aliases.last_change(alias_name(CHAMPION, environment))
    since = minute(last.at) if last else f"before {minute(aliases.history[0].at)}"
    return champion.version, since, challenger(trial), minute(trial.since) if trial else ""
