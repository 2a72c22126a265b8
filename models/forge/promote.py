"""Make a version live, or let it try: after checks, by compare-and-swap, with a reason."""

from coldframe.aliases import Aliases
from coldframe.changes import Note, Target
from coldframe.errors import ChangeRefused, ObjectNotFound
from coldframe.manifest import ENCODER
from coldframe.registry import Edit, change, published_target, published_versions
from coldframe.store import Store
from models.forge.catalog import aliases_or_none
from models.forge.confirm import confirm
from models.forge.noted import forced
from models.forge.objections import Terms, manifest_or_none, objections

TERMS = Terms()


def target_of(store: Store, name: str, version: str) -> Target:
    """Return what an alias would point at. Raises `ChangeRefused` when the version is not published."""
    try:
        return published_target(store, name, version)
    except ObjectNotFound as error:
        known = ", ".join(published_versions(store, name)) or "none"
        raise ChangeRefused(f"{name} {version} is not published; there is {known}.") from error


def promote(
    store: Store, name: str, version: str, environment: str, note: Note, terms: Terms = TERMS
) -> Aliases:
    """Make a published version the champion.

    Raises `ChangeRefused` when `objections` finds any; if forced, they go into the history instead. Raises it
    in any case for a mere part of other models, and when the champion changed while all that was checked.
    """
    target, note, live = _checked(store, name, version, environment, note, terms)

    def edit(old: Aliases) -> Aliases:
        return old.promoted(environment, target, note)

    return change_unless_changed(store, name, target, environment, note, live, edit)


def start_trial(
    store: Store, name: str, version: str, percent: int, environment: str, note: Note, terms: Terms = TERMS
) -> Aliases:
    """Make a published version the challenger, with a share of the traffic: 0 to 99 percent.

    Raises as `promote` does, and when it is the champion or there is none.
    """
    if not 0 <= percent < 100:
        raise ChangeRefused(f"{percent}% is no share for a challenger: 0 (a shadow) to 99, or promote it.")
    target, note, live = _checked(store, name, version, environment, note, terms)

    def edit(old: Aliases) -> Aliases:
        return old.tried(environment, target, percent, note)

    return change_unless_changed(store, name, target, environment, note, live, edit)


def end_trial(store: Store, name: str, environment: str, note: Note) -> Aliases:
    """Take the challenger's share away; without a challenger nothing changes."""
    return change(store, name, lambda old: old.withdrawn(environment, note))


def _unless_changed(name: str, environment: str, live: Target | None, edit: Edit) -> Edit:
    """Return the edit; it raises `ChangeRefused` where it would change what has another champion by now."""

    def careful(old: Aliases) -> Aliases:
        new = edit(old)
        if new != old and old.champion(environment) != live:
            raise ChangeRefused(f"The champion of {name} changed meanwhile: look at it, and try again.")
        return new

    return careful


def _checked(
    store: Store, name: str, version: str, environment: str, note: Note, terms: Terms
) -> tuple[Target, Note, Target | None]:
    """Return what is to be live, the note with what is overruled, and what it was compared with."""
    target, live = target_of(store, name, version), aliases_or_none(store, name).champion(environment)
    _refuse_part(store, name, version)
    found = list(objections(store, name, target, live, terms))
    if found and not terms.force:
        raise ChangeRefused(
            f"{name} {version} is not fit to go live: {'; '.join(found)}. Mend it, or force it with a reason."
        )
    return target, forced(note, found), live


def change_unless_changed(
    store: Store, name: str, target: Target, environment: str, note: Note, live: Target | None, edit: Edit
) -> Aliases:
    """Point an alias at `target`. Raises `ChangeRefused` where the champion is not `live` any more."""
    new = change(store, name, _unless_changed(name, environment, live, edit))
    confirm(store, name, environment, target, note)
    return new


def _refuse_part(store: Store, name: str, version: str) -> None:
    manifest = manifest_or_none(store, name, version)
    if manifest and manifest.kind == ENCODER:
        raise ChangeRefused(
            f"{name} {version} is a part of other models, and answers nobody: promote a version of a model."
        )
