"""`coldframe verify`: is what is published still what was published, and does it work?"""

from typing import Annotated

from rich.console import Console
from typer import Argument, Exit, Option

from coldframe.errors import ColdframeError
from coldframe.manifest import Manifest
from coldframe.store import Store
from infra.cli.options import Published, Stack
from infra.cli.place import place
from models.forge.catalog import Entry, aliased, aliases_or_none, entries, entry_of, live_or_latest
from models.forge.promote import target_of
from models.forge.verify import faults


def verify(
    name: Published,
    version: Annotated[
        str | None, Argument(help="v1.2.3; without it, the champion, or else the newest.", show_default=False)
    ] = None,
    all_of_them: Annotated[bool, Option("--all", help="Every version.")] = False,
    stack: Stack = None,
) -> None:
    """Check every byte of a version against its manifest's sizes and SHA-256, open it, and let it predict.

    A manifest that an alias names must have the SHA-256 of the alias. Nothing is changed. Ends with exit
    code 1 when something is wrong. What is incomplete is told, and is no fault: nobody can use it.

    [bold]Examples[/]

    coldframe verify sentiment

    coldframe verify tickets v1.0.0 --stack coldframe-dev

    coldframe verify sentiment --all
    """
    if version and all_of_them:
        raise ColdframeError("--all is every version: name one, or none.")
    where = place(stack)
    store, console = where.store(), Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    if all_of_them:
        chosen = entries(store, name)
    else:
        chosen = [entry_of(store, name, version or live_or_latest(store, name, where.environment))]
    sound = [_is_sound(store, name, entry, console) for entry in chosen]
    if not all(sound):
        raise Exit(1)


def _is_sound(store: Store, name: str, entry: Entry, console: Console) -> bool:
    """Say what is wrong with a version, if anything is."""
    what = f"{name} {entry.version}"
    if entry.published is None:
        console.print(f"{what} is incomplete: publish it again, or leave it to coldframe gc.", style="yellow")
        return True
    target = aliased(aliases_or_none(store, name), entry.version) or target_of(store, name, entry.version)
    found = [entry.problem] if entry.problem else faults(store, name, target)
    for fault in found:
        console.print(f"{what} is not sound: {fault}", style="red")
    if not found and entry.manifest:
        size = sum(file.size for file in entry.manifest.files)
        console.print(f"{what} is sound: {size:,} bytes in {_files(entry.manifest)}.", style="green")
    return not found


def _files(manifest: Manifest) -> str:
    count = len(manifest.files)
    return f"{count} file" + ("" if count == 1 else "s")
