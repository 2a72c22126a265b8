"""Which versions nothing needs: a pure function of what is stored and what the aliases name."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from coldframe.aliases import Aliases
from coldframe.registry import version_numbers
from models.forge.stock import Stocked

UNUSED_DAYS = 7  # that a version is left to wait for its promotion
INCOMPLETE_DAYS = 1  # that an upload may take, or wait for its repetition


@dataclass(frozen=True)
class Unneeded:
    """A version that nothing needs, and why it is said not to be needed."""

    stocked: Stocked
    why: str


def unneeded(all_of: Collection[Stocked], aliases: Mapping[str, Aliases], now: datetime) -> list[Unneeded]:
    """Return the versions that nothing needs, by name and number.

    Needed is what an alias names in any environment, or a change in the alias document, which holds at
    least the last 100: a rollback reaches those. Then what another version borrows from, the newest complete
    version of each model, what is younger than UNUSED_DAYS, and an incomplete upload that is younger than
    INCOMPLETE_DAYS.
    """
    kept = _newest(all_of) | borrowed(all_of)
    for name, document in aliases.items():
        kept |= {f"{name}/{version}" for version in named(document)}
    found = [one for one in all_of if one.owner not in kept and now - one.written > _least_age(one)]
    return [
        Unneeded(one, _why(one))
        for one in sorted(found, key=lambda one: (one.name, version_numbers(one.version)))
    ]


def named(aliases: Aliases) -> set[str]:
    """Return the versions that an alias document names, those of its history too."""
    targets = [*aliases.aliases.values()]
    targets += [target for one in aliases.history for target in (one.before, one.after) if target]
    return {target.version for target in targets}


def borrowed(all_of: Iterable[Stocked]) -> set[str]:
    """Return the owners that versions borrow from, as in encoder/v1.0.0."""
    return {entry.owner for one in all_of if one.manifest for entry in one.manifest.files if entry.owner}


def _newest(all_of: Iterable[Stocked]) -> set[str]:
    newest: dict[str, Stocked] = {}
    for one in sorted(all_of, key=lambda one: version_numbers(one.version)):
        if one.manifest:
            newest[one.name] = one
    return {one.owner for one in newest.values()}


def _least_age(one: Stocked) -> timedelta:
    return timedelta(days=UNUSED_DAYS if one.manifest else INCOMPLETE_DAYS)


def _why(one: Stocked) -> str:
    if one.manifest is None:
        return "incomplete: its publishing or removal was cut short"
    return "no alias, no recent change and no other version names it"
