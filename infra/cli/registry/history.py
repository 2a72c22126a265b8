"""`coldframe history`: what was live when, who changed it, and why."""

from datetime import UTC, datetime
from typing import Annotated

from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer import Option

from coldframe.changes import CHALLENGER, CHAMPION, ENVIRONMENTS, Change, alias_name, live_at
from coldframe.registry import read_history
from coldframe.store import Store
from infra.cli.notes import printable
from infra.cli.options import Published, Stack
from infra.cli.place import place
from infra.cli.registry.times import past
from infra.cli.registry.words import minute, movement, role, share
from models.forge.catalog import aliases_or_none, check_known

ALIASES = [alias_name(one, environment) for environment in ENVIRONMENTS for one in (CHAMPION, CHALLENGER)]


def history(
    name: Published,
    at: Annotated[
        str | None, Option(help="What was live then: ISO 8601, UTC without a zone.", show_default=False)
    ] = None,
    limit: Annotated[int, Option(min=1, help="How many changes, the newest first.")] = 20,
    stack: Stack = None,
) -> None:
    """Tell what was live when, in every environment: each change with who, from what, to what, and why.

    All changes are kept, also those that no longer fit into the model's alias document.

    [bold]Examples[/]

    coldframe history sentiment

    coldframe history sentiment --limit 500 --stack coldframe-dev

    coldframe history sentiment --at 2026-11-01T12:00
    """
    now = datetime.now(UTC)
    then = past(at, now) if at is not None else None
    store = place(stack).store()
    check_known(store, name)
    console = Console(highlight=False, markup=False, emoji=False)
    if then:
        _say_then(console, name, then, _changes(store, name, None))
    else:
        _show(console, name, _changes(store, name, limit))


def _changes(store: Store, name: str, count: int | None) -> list[Change]:
    """Return the last changes, or all of them; old ones are read only where they are needed."""
    kept = list(aliases_or_none(store, name).history)
    if kept and kept[0].revision > 1 and (count is None or count > len(kept)):
        kept = read_history(store, name)
    return kept if count is None else kept[-count:]


def _show(console: Console, name: str, changes: list[Change]) -> None:
    if not changes:
        console.print(f"Nothing of {name} was ever live.")
        return
    table = Table(title=f"{name}, the newest first")
    for heading in ("revision", "when (UTC)", "what", "by", "why"):
        table.add_column(heading, justify="right" if heading == "revision" else "left", overflow="fold")
    for change in reversed(changes):
        what = f"{role(change.alias)}: {movement(change)}"
        cells = (str(change.revision), minute(change.at), what, change.by, change.why)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    console.print(table)
    if more := changes[0].revision - 1:
        console.print(f"{more:,} earlier changes: --limit {more + len(changes)} shows them too.")


def _say_then(console: Console, name: str, then: datetime, changes: list[Change]) -> None:
    """Say what each alias named at a time; a challenger that there was not is passed over."""
    console.print(f"{name} at {then:%Y-%m-%d %H:%M:%S} UTC:")
    said = [line for alias in ALIASES if (line := _line(live_at(changes, alias, _stamp(then))))]
    for line in said or ["nothing was live yet"]:
        console.print(f"  {line}", soft_wrap=True)


def _line(change: Change | None) -> str:
    if change is None or change.after is None:
        return ""
    portion = "" if change.percent is None else f" ({share(change.percent)})"
    what = f"{role(change.alias)}: {change.after.version}{portion}"
    since = f"since {minute(change.at)} (revision {change.revision})"
    manifest = f"manifest {change.after.manifest_sha256[:12]}…"
    return printable(f"{what}, {since}, by {change.by}: {change.why}; {manifest}")


def _stamp(time: datetime) -> str:
    """Write the time as the history does."""
    return time.isoformat(timespec="milliseconds")
