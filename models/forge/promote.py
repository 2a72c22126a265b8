"""Make a version live, let it try, or go back: after checks, by compare-and-swap, with a reason."""

from collections.abc import Iterator
from dataclasses import replace

from coldframe.aliases import Aliases, Note, Target
from coldframe.errors import ArtifactError, ChangeRefused, ObjectNotFound
from coldframe.loading import Stopwatch, fetch
from coldframe.manifest import Manifest
from coldframe.registry import change, published_target, published_versions, read_aliases, read_manifest
from coldframe.store import Store
from models.forge.compare import worse_figures
from models.forge.confirm import confirm
from models.forge.gate.rule import UNSAFE
from models.forge.verify import faults

MARGIN = 0.01  # by which a held-out figure may be below the live version's


def target_of(store: Store, name: str, version: str) -> Target:
    """Return what an alias would point at. Raises `ChangeRefused` when the version is not published."""
    try:
        return published_target(store, name, version)
    except ObjectNotFound as error:
        known = ", ".join(published_versions(store, name)) or "none"
        raise ChangeRefused(f"{name} {version} is not published; there is {known}.") from error


def promote(
    store: Store,
    name: str,
    version: str,
    environment: str,
    note: Note,
    *,
    force: bool = False,
    margin: float = MARGIN,
) -> Aliases:
    """Make a published version the champion.

    Raises `ChangeRefused` when `objections` finds any; with `force` they go into the history instead.
    """
    target, note = _checked(store, name, version, environment, note, force, margin)
    new = change(store, name, lambda old: old.promoted(environment, target, note))
    confirm(store, name, environment, target, note)
    return new


def start_trial(
    store: Store,
    name: str,
    version: str,
    percent: int,
    environment: str,
    note: Note,
    *,
    force: bool = False,
    margin: float = MARGIN,
) -> Aliases:
    """Make a published version the challenger, with a share of the traffic: 0 to 99 percent.

    Raises as `promote` does, and when it is the champion or there is none.
    """
    if not 0 <= percent < 100:
        raise ChangeRefused(f"{percent}% is no share for a challenger: 0 (a shadow) to 99, or promote it.")
    target, note = _checked(store, name, version, environment, note, force, margin)
    new = change(store, name, lambda old: old.tried(environment, target, percent, note))
    confirm(store, name, environment, target, note)
    return new


def end_trial(store: Store, name: str, environment: str, note: Note) -> Aliases:
    """Take the challenger's share away; without a challenger nothing changes."""
    return change(store, name, lambda old: old.withdrawn(environment, note))


def roll_back(
    store: Store, name: str, environment: str, note: Note, *, to: str | None = None, steps: int = 1
) -> Aliases:
    """Make an earlier champion live again: version `to`, or the one that many steps back.

    `to` is safe to repeat; steps count from what is live. Raises `ChangeRefused` when there is none so far
    back, when the champion changed meanwhile, or when what was there is not whole any more.
    """
    before = read_aliases(store, name)[0].line(environment)
    target = target_of(store, name, to) if to else _back(name, environment, before, steps)
    _check_whole(store, name, target)

    def edit(old: Aliases) -> Aliases:
        if old.champion(environment) not in (before[0] if before else None, target):
            raise ChangeRefused(f"The champion of {name} changed meanwhile: look at it, and try again.")
        return old.rolled_back(environment, target, note)

    new = change(store, name, edit)
    confirm(store, name, environment, target, note)
    return new


def objections(
    store: Store, name: str, target: Target, environment: str, margin: float = MARGIN
) -> Iterator[str]:
    """Say why a version should not go live in an environment, a sentence each.

    Its gate says UNSAFE; its files are not whole; it does not open; a smoke prediction fails; a held-out
    figure is below the live version's by more than `margin`; it scores rows of other features.
    """
    if found := faults(store, name, target):
        yield from found
        return
    manifest = read_manifest(store, name, target.version)
    if manifest.parity.get("verdict") == UNSAFE:
        yield f"its gate says UNSAFE: {'; '.join(manifest.parity['reasons'])}"
    if live := _live_manifest(store, name, environment):
        yield from worse_figures(manifest, live, margin)
        if manifest.feature_names != live.feature_names:
            yield f"it takes other features than {live.version}, which is live, or in another order"


def _checked(
    store: Store, name: str, version: str, environment: str, note: Note, force: bool, margin: float
) -> tuple[Target, Note]:
    target = target_of(store, name, version)
    found = list(objections(store, name, target, environment, margin))
    if found and not force:
        raise ChangeRefused(
            f"{name} {version} is not fit to go live: {'; '.join(found)}. Mend it, or force it with a reason."
        )
    return target, replace(note, why=f"{note.why} (forced, though {'; '.join(found)})") if found else note


def _live_manifest(store: Store, name: str, environment: str) -> Manifest | None:
    try:
        live = read_aliases(store, name)[0].champion(environment)
        return read_manifest(store, name, live.version) if live else None
    except (ArtifactError, ObjectNotFound):
        return None  # what is live is broken: nothing to be worse than


def _back(name: str, environment: str, line: list[Target], steps: int) -> Target:
    if not 1 <= steps < len(line):
        earlier = ", ".join(target.version for target in line[1:]) or "none"
        raise ChangeRefused(
            f"{name} cannot go back {steps} steps in {environment}: before what is live there is {earlier}."
        )
    return line[steps]


def _check_whole(store: Store, name: str, target: Target) -> None:
    try:
        fetch(store, name, target, Stopwatch())
    except (ArtifactError, ObjectNotFound) as error:
        raise ChangeRefused(f"{name} {target.version} cannot be served any more: {error}") from error
