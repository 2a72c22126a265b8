"""`coldframe gc`: versions that nothing needs, listed or removed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from rich.console import Console
from rich.table import Table
from typer import Argument, Option

from infra.cli.options import Stack
from infra.cli.place import place
from infra.cli.registry.words import typed
from models.forge.catalog import check_known
from models.forge.collect import collectable
from models.forge.collect import remove as remove_versions
from models.forge.unneeded import Unneeded


def gc(
    name: Annotated[
        str | None, Argument(help="A published model's name; without it, every model.", show_default=False)
    ] = None,
    remove: Annotated[bool, Option("--remove/--dry-run", help="Remove them, or only list them.")] = False,
    stack: Stack = None,
) -> None:
    """List, and with --remove remove, the versions that nothing needs, and uploads that were cut short.

    Kept is what an alias of any environment names, or a change in a model's alias document, which holds at
    least the last 100 (so every rollback stays possible); what another version borrows from; a model's newest
    version; and what is younger than 7 days, an incomplete upload younger than 1. The template's bucket keeps
    what is removed for 90 days more.

    [bold]Examples[/]

    coldframe gc

    coldframe gc sentiment --remove --stack coldframe-dev
    """
    where = place(stack)
    store, console = where.store(), Console(highlight=False, markup=False, emoji=False)
    if name:
        check_known(store, name)
    found = collectable(store, datetime.now(UTC), name)
    if not found:
        console.print(f"Everything in {where.stack} is needed, or too young to be removed.")
        return
    console.print(_table(found))
    if not remove:
        words = ("gc", *([name] if name else []), "--remove")
        console.print(f"Nothing is removed. To remove them: {typed(where, *words)}", soft_wrap=True)
        return
    for outcome in remove_versions(store, found):
        what = f"{outcome.stocked.name} {outcome.stocked.version}"
        console.print(f"{what}: kept, {outcome.kept}" if outcome.kept else f"{what}: removed", soft_wrap=True)


def _table(found: Sequence[Unneeded]) -> Table:
    total = sum(one.stocked.bytes for one in found)
    table = Table(title=f"{len(found)} that nothing needs, {total:,} bytes")
    for heading in ("model", "version", "bytes", "why"):
        table.add_column(heading, justify="right" if heading == "bytes" else "left")
    for one in found:
        table.add_row(one.stocked.name, one.stocked.version, f"{one.stocked.bytes:,}", one.why)
    return table
