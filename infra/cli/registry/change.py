"""`coldframe promote`, `canary`, `shadow`, `withdraw` and `rollback`: what is live, changed."""

from collections.abc import Callable
from typing import Annotated

from rich.console import Console
from typer import Option

from coldframe.aliases import Aliases, Note
from coldframe.errors import ColdframeError
from coldframe.store import Store
from infra.cli.options import Environment, Environments, Published, Stack, Version
from infra.cli.place import Place, place
from infra.cli.registry.words import TAKEN_UP, challenger, sentence, typed
from models.forge import promote as core
from models.forge.catalog import aliases_or_none, check_known
from models.forge.noted import noted

Why = Annotated[str | None, Option(help="What the history will say of it.", show_default=False)]
Force = Annotated[
    bool, Option("--force", help="Although it is not fit; needs --why, and the history tells both.")
]
Edit = Callable[[Store, str, Note], Aliases]


def promote(
    name: Published,
    version: Version,
    why: Why = None,
    force: Force = False,
    margin: Annotated[
        float, Option(min=0, help="By which a held-out figure may be below the champion's.")
    ] = core.MARGIN,
    environment: Environment = None,
    stack: Stack = None,
) -> None:
    """Make a published version the champion, which answers.

    Refused when its gate says UNSAFE, a byte is not as published, it does not open, a smoke prediction is
    wrong, or a figure on the same held-out data is worse than the champion's.

    [bold]Examples[/]

    coldframe promote sentiment v1.1.0 --why "retrained on May's reviews"

    coldframe promote sentiment v1.1.0 --force --why "v1.0.0 leaks names" --stack coldframe-dev
    """
    note = _note("promote", why, force)

    def edit(store: Store, live_in: str, note: Note) -> Aliases:
        return core.promote(store, name, version, live_in, note, force=force, margin=margin)

    _change(name, environment, stack, note, edit)


def canary(
    name: Published,
    version: Version,
    percent: Annotated[int, Option(min=1, max=99, help="Of the traffic, by request key.")] = 5,
    why: Why = None,
    force: Force = False,
    environment: Environment = None,
    stack: Stack = None,
) -> None:
    """Give a published version a share of the traffic, as the challenger; again to change the share.

    The same key, the header x-routing-key or else the input, always gets the same version. What promote
    refuses, is refused.

    [bold]Examples[/]

    coldframe canary sentiment v1.1.0

    coldframe canary sentiment v1.1.0 --percent 25 --environment staging
    """
    _try("canary", name, version, percent, why, force, environment, stack)


def shadow(
    name: Published,
    version: Version,
    why: Why = None,
    force: Force = False,
    environment: Environment = None,
    stack: Stack = None,
) -> None:
    """Make a published version the challenger without a share of the traffic: it answers nobody.

    It scores what the champion was asked, where the logging of inputs is switched on. What promote refuses,
    is refused.

    [bold]Examples[/]

    coldframe shadow sentiment v1.1.0 --stack coldframe-dev
    """
    _try("shadow", name, version, 0, why, force, environment, stack)


def withdraw(name: Published, why: Why = None, environment: Environment = None, stack: Stack = None) -> None:
    """End the challenger's trial: the champion has all of the traffic again.

    [bold]Examples[/]

    coldframe withdraw sentiment --why "it calls everything positive"
    """

    def edit(store: Store, live_in: str, note: Note) -> Aliases:
        return core.end_trial(store, name, live_in, note)

    _change(name, environment, stack, _note("withdraw", why), edit)


def rollback(
    name: Published,
    to: Annotated[str | None, Option(help="v1.2.3, safe to repeat.", show_default=False)] = None,
    steps: Annotated[
        int | None, Option(min=1, help="How many champions back; without both, 1.", show_default=False)
    ] = None,
    why: Why = None,
    environment: Environment = None,
    stack: Stack = None,
) -> None:
    """Make an earlier champion live again: the one before, or the one that is named.

    [bold]Examples[/]

    coldframe rollback sentiment --why "v1.1.0 dislikes ramen"

    coldframe rollback sentiment --steps 2

    coldframe rollback sentiment --to v1.0.0 --stack coldframe-dev
    """
    if to is not None and steps is not None:
        raise ColdframeError("--to and --steps say the same in two ways: give one of them.")

    def edit(store: Store, live_in: str, note: Note) -> Aliases:
        return core.roll_back(store, name, live_in, note, to=to, steps=steps or 1)

    _change(name, environment, stack, _note("rollback", why), edit)


def _try(
    word: str,
    name: str,
    version: str,
    percent: int,
    why: str | None,
    force: bool,
    environment: Environments | None,
    stack: str | None,
) -> None:
    def edit(store: Store, live_in: str, note: Note) -> Aliases:
        return core.start_trial(store, name, version, percent, live_in, note, force=force)

    _change(name, environment, stack, _note(word, why, force), edit)


def _note(word: str, why: str | None, force: bool = False) -> Note:
    if force and not why:
        raise ColdframeError('--force needs a reason for the history: --why "…".')
    return noted(why or f"coldframe {word}")


def _change(name: str, environment: Environments | None, stack: str | None, note: Note, edit: Edit) -> None:
    where = place(stack)
    store, live_in = where.store(), environment or where.environment
    check_known(store, name)
    before = aliases_or_none(store, name)
    _say(where, name, live_in, before, edit(store, live_in, note))


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
        console.print(f"{TAKEN_UP} To watch: {typed(where, 'status', name, '--watch')}")
