"""`coldframe canary`, `shadow` and `withdraw`: a challenger beside the champion."""

from typing import Annotated

from typer import Option

from coldframe.aliases import Aliases
from infra.cli.options import Environment, Environments, Published, Stack, Version
from infra.cli.registry.changing import Force, Live, Why, change_live, note_of
from models.forge.objections import Terms
from models.forge.promote import end_trial, start_trial


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
    note = note_of("withdraw", why)

    def edit(live: Live) -> Aliases:
        return end_trial(live.store, name, live.environment, note)

    change_live(name, environment, stack, edit)


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
    note = note_of(word, why, force)

    def edit(live: Live) -> Aliases:
        terms = Terms(must_be_signed=live.must_be_signed, force=force)
        return start_trial(live.store, name, version, percent, live.environment, note, terms)

    change_live(name, environment, stack, edit)
