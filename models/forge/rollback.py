"""Make an earlier champion live again: one that is in the history, as it was then."""

from collections.abc import Iterable, Iterator

from coldframe.aliases import Aliases
from coldframe.changes import CHAMPION, Change, Note, Target, alias_name, champions
from coldframe.errors import ArtifactError, ChangeRefused, ObjectNotFound
from coldframe.loading import Stopwatch, fetch
from coldframe.registry import read_aliases, read_history
from coldframe.store import Store
from models.forge.promote import change_unless_changed


def roll_back(
    store: Store, name: str, environment: str, note: Note, *, to: str | None = None, steps: int = 1
) -> Aliases:
    """Make an earlier champion live again: version `to`, or the one that many steps back.

    `to` is safe to repeat; steps count from what is live. Raises `ChangeRefused` when there is none so far
    back or `to` was never the champion, when the champion changed meanwhile, or when what was there is not
    whole any more.
    """
    kept = read_aliases(store, name)[0]
    histories = _histories(store, name, kept)
    target = _named(name, environment, histories, to) if to else _back(name, environment, histories, steps)
    _check_whole(store, name, target)

    def edit(old: Aliases) -> Aliases:
        return old.rolled_back(environment, target, note)

    return change_unless_changed(store, name, target, environment, note, kept.champion(environment), edit)


def _histories(store: Store, name: str, kept: Aliases) -> Iterator[Iterable[Change]]:
    """Return the changes that the document holds; then all, which are read only if those did not do."""
    yield kept.history
    yield read_history(store, name)


def _named(name: str, environment: str, histories: Iterable[Iterable[Change]], version: str) -> Target:
    known: list[Target] = []
    for history in histories:
        known = _were_live(history, environment)
        if found := next((target for target in known if target.version == version), None):
            return found
    earlier = ", ".join(dict.fromkeys(target.version for target in known)) or "none"
    raise ChangeRefused(
        f"{name} {version} was never the champion of {environment}, so there is no going back to it: name "
        f"one that was ({earlier}), or promote it."
    )


def _were_live(history: Iterable[Change], environment: str) -> list[Target]:
    """Return every champion that there ever was, those too that were rolled back, latest first."""
    alias = alias_name(CHAMPION, environment)
    named = [one for change in history if change.alias == alias for one in (change.before, change.after)]
    return list(dict.fromkeys(target for target in reversed(named) if target))


def _back(name: str, environment: str, histories: Iterable[Iterable[Change]], steps: int) -> Target:
    line: list[Target] = []
    for history in histories:
        line = list(dict.fromkeys(reversed(champions(history, environment))))
        if 1 <= steps < len(line):
            return line[steps]
    earlier = ", ".join(target.version for target in line[1:]) or "none"
    raise ChangeRefused(
        f"{name} cannot go back {steps} steps in {environment}: before what is live there is {earlier}."
    )


def _check_whole(store: Store, name: str, target: Target) -> None:
    try:
        fetch(store, name, target, Stopwatch())
    except (ArtifactError, ObjectNotFound) as error:
        raise ChangeRefused(f"{name} {target.version} cannot be served any more: {error}") from error
