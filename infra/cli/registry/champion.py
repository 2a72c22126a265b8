"""`coldframe promote` and `rollback`: which version answers."""

from typing import Annotated

from typer import Option

from coldframe.aliases import Aliases
from coldframe.errors import ColdframeError
from infra.cli.options import Environment, Published, Stack, Version
from infra.cli.registry.changing import Force, Live, Why, change_live, note_of
from models.forge import promote as core
from models.forge.objections import MARGIN, Terms
from models.forge.rollback import roll_back


def promote(
    name: Published,
    version: Version,
    why: Why = None,
    force: Force = False,
    margin: Annotated[
        float, Option(min=0, help="By which a held-out figure may be below the champion's.")
    ] = MARGIN,
    environment: Environment = None,
    stack: Stack = None,
) -> None:
    """Make a published version the champion, which answers.

    Refused when its gate says UNSAFE, a byte is not as published, it does not open, a smoke prediction is
    wrong, a figure on the same held-out data is worse than the champion's, it is of another kind, or it is
    not signed where the champion is, or where the stack opens only what is.

    [bold]Examples[/]

    coldframe promote sentiment v1.1.0 --why "retrained on May's reviews"

    coldframe promote sentiment v1.1.0 --force --why "v1.0.0 leaks names" --stack coldframe-dev
    """
    note = note_of("promote", why, force)

    def edit(live: Live) -> Aliases:
        terms = Terms(margin, live.must_be_signed, force)
        return core.promote(live.store, name, version, live.environment, note, terms)

    change_live(name, environment, stack, edit)


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

    Only what was the champion of this environment is gone back to: its history tells (coldframe history).

    [bold]Examples[/]

    coldframe rollback sentiment --why "v1.1.0 dislikes ramen"

    coldframe rollback sentiment --steps 2

    coldframe rollback sentiment --to v1.0.0 --stack coldframe-dev
    """
    if to is not None and steps is not None:
        raise ColdframeError("--to and --steps say the same in two ways: give one of them.")

    note = note_of("rollback", why)

    def edit(live: Live) -> Aliases:
        return roll_back(live.store, name, live.environment, note, to=to, steps=steps or 1)

    change_live(name, environment, stack, edit)
