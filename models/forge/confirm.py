"""A last look after a change of what is live: was the version removed meanwhile?

Only `coldframe gc` removes versions, and it looks at the aliases after it has taken the manifest away
(`models.forge.collect`); this looks for the manifest after the alias was set. One of the two sees the other.
"""

from dataclasses import replace

from coldframe.aliases import Aliases
from coldframe.changes import CHAMPION, Note, Target, alias_name
from coldframe.errors import ChangeRefused
from coldframe.registry import change, manifest_key
from coldframe.store import Store


def confirm(store: Store, name: str, environment: str, target: Target, note: Note) -> None:
    """Take the change back and raise `ChangeRefused` when the version is there no more.

    Only that it is there counts, and not what it says: what was forced may have a manifest that is malformed.
    """
    if store.find(manifest_key(name, target.version)) is not None:
        return
    removed = replace(note, why=f"{target.version} was removed meanwhile")
    change(store, name, lambda old: _without(old, environment, target, removed))
    raise ChangeRefused(
        f"{name} {target.version} was removed meanwhile (coldframe gc): publish it again, and try again."
    )


def _without(old: Aliases, environment: str, target: Target, note: Note) -> Aliases:
    trial = old.trial(environment)
    new = old.withdrawn(environment, note) if trial and trial.target == target else old
    last = new.last_change(alias_name(CHAMPION, environment))
    if last and last.before and new.champion(environment) == target:
        return new.rolled_back(environment, last.before, note)
    return new
