"""What the words that change what is live have in common: their options, and what they say in the end."""

from collections.abc import Callable
from typing import Annotated, NamedTuple

from rich.console import Console
from typer import Option

from coldframe.aliases import Aliases
from coldframe.changes import Note
from coldframe.errors import ColdframeError
from coldframe.store import Store
from infra.cli.options import Environments
from infra.cli.place import Place, place
from infra.cli.registry.words import challenger, sentence, taken_up, typed
from models.forge.catalog import aliases_or_none, check_known
from models.forge.noted import noted

Why = Annotated[str | None, Option(help="What the history will say of it.", show_default=False)]
Force = Annotated[
    bool, Option("--force", help="Although it is not fit; needs --why, and the history tells both.")
]


class Live(NamedTuple):
    """What is changed: the aliases of one environment, and whether they may name only signed versions."""

    store: Store
    environment: str
    must_be_signed: bool


def note_of(word: str, why: str | None, force: bool = False) -> Note:
    """Return the note for the history. Raises `ColdframeError` when something is forced without a reason."""
    if force and not why:
        raise ColdframeError('--force needs a reason for the history: --why "…".')
    return noted(why or f"coldframe {word}")


def change_live(
    name: str, environment: Environments | None, stack: str | None, edit: Callable[[Live], Aliases]
) -> None:
    """Change what is live with `edit`, and tell what came of it.

    Raises `UnknownModel` when nothing of this name is published, and what `edit` raises.
    """
    where = place(stack)
    live = Live(where.store(), environment or where.environment, where.must_be_signed)
    check_known(live.store, name)
    before = aliases_or_none(live.store, name)
    _say(where, name, live.environment, before, edit(live))


def _say(where: Place, name: str, environment: str, before: Aliases, after: Aliases) -> None:
    """Tell every change since, another's too that came between; then what follows."""
    console = Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
    made = [change for change in after.history if change.revision > before.revision]
    for change in made:
        console.print(f"{name}, {sentence(change)}")
    champion, trial = after.champion(environment), after.trial(environment)
    beside = f", beside the challenger {challenger(trial)}" if trial else ""
    now = f"{champion.version} answers{beside}" if champion else "nothing answers"
    console.print(f"{'Now' if made else 'Nothing changed:'} {now} in {environment} of {where.stack}.")
    if made:
        console.print(taken_up(where, environment))
        console.print(f"To watch: {typed(where, 'status', name, '--watch')}")
