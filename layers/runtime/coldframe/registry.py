"""Where versions and aliases are in the store, and how an alias document changes: by compare-and-swap.

`models/<name>/aliases.json` holds the aliases and the last changes; changes that no longer fit there move to
`models/<name>/history/<revision>.json` first, so that none is ever lost.
"""

import json
import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from coldframe import limits
from coldframe.aliases import Aliases
from coldframe.changes import ENVIRONMENTS, PRODUCTION, Change, Note, Target
from coldframe.errors import ArtifactError, ManifestError, ObjectNotFound, PreconditionFailed
from coldframe.manifest import SIGNATURE, VERSION, FileEntry, Manifest, sha256
from coldframe.store import Store, StoredObject

Edit = Callable[[Aliases], Aliases]


def manifest_key(name: str, version: str) -> str:
    """Return the key of a version's manifest; its files lie beside it."""
    return f"{version_prefix(name, version)}manifest.json"


def signature_key(name: str, version: str) -> str:
    """Return the key of a version's signature, beside its manifest."""
    return f"{version_prefix(name, version)}{SIGNATURE}"


def version_prefix(name: str, version: str) -> str:
    """Return the prefix, ending in a slash, below which a version's files lie."""
    return f"models/{name}/{version}/"


def file_key(name: str, version: str, entry: FileEntry) -> str:
    """Return the key of a file that a version lists, which may be another version's."""
    owner = entry.owner or f"{name}/{version}"
    return f"models/{owner}/{entry.name}"


def aliases_key(name: str) -> str:
    """Return the key of a model's alias document."""
    return f"models/{name}/aliases.json"


def own_environment() -> str:
    """Return the environment whose aliases this process follows, MODEL_ENVIRONMENT; production without it."""
    environment = os.environ.get("MODEL_ENVIRONMENT", PRODUCTION)
    if environment not in ENVIRONMENTS:
        raise ValueError(f"MODEL_ENVIRONMENT is {environment!r}; set it to {' or '.join(ENVIRONMENTS)}")
    return environment


def read_manifest(store: Store, name: str, version: str) -> Manifest:
    """Return what a version says of itself. Raises `ObjectNotFound`, or `ManifestError` if malformed."""
    return Manifest.parse(store.get(manifest_key(name, version), limits.MANIFEST_MAX_BYTES).data)


def published_target(store: Store, name: str, version: str) -> Target:
    """Return what an alias would point at. Raises `ObjectNotFound` when the version is not published."""
    return Target(version, sha256(store.get(manifest_key(name, version), limits.MANIFEST_MAX_BYTES).data))


def published_versions(store: Store, name: str) -> list[str]:
    """Return the versions of a model in the store, oldest first, those too whose publishing was cut short."""
    found = filter(VERSION.fullmatch, store.folders(f"models/{name}/"))
    return sorted(found, key=version_numbers)


def version_numbers(version: str) -> tuple[int, ...]:
    """Return (1, 2, 3) for v1.2.3."""
    return tuple(int(number) for number in version[1:].split("."))


def read_aliases(store: Store, name: str) -> tuple[Aliases, str]:
    """Return the alias document and its ETag. Raises `ObjectNotFound` when nothing is published."""
    stored = store.get(aliases_key(name), limits.ALIASES_MAX_BYTES)
    return Aliases.parse(stored.data), stored.etag


def read_history(store: Store, name: str) -> list[Change]:
    """Return all changes, oldest first, those too that the alias document holds no more.

    Raises `ObjectNotFound` when nothing is published or a change was removed, `ManifestError` for a
    malformed one.
    """
    kept = read_aliases(store, name)[0].history
    moved = range(1, kept[0].revision) if kept else range(0)
    with ThreadPoolExecutor(limits.HISTORY_READERS_MAX_COUNT) as pool:
        return [*pool.map(lambda revision: _archived(store, name, revision), moved), *kept]


def live_names(store: Store, environment: str = PRODUCTION) -> list[str]:
    """Return the names of the models that have a live version; parts of others, as an encoder, have none."""
    named = store.folders("models/")
    with ThreadPoolExecutor(limits.HISTORY_READERS_MAX_COUNT) as pool:
        live = list(pool.map(lambda name: is_live(store, name, environment), named))
    return [name for name, lives in zip(named, live, strict=True) if lives]


def is_live(store: Store, name: str, environment: str = PRODUCTION) -> bool:
    """Say whether a model of this name has a live version; one whose alias document is unfit has none."""
    try:
        return read_aliases(store, name)[0].champion(environment) is not None
    except (ArtifactError, ObjectNotFound):
        return False


def make_champion(
    store: Store, name: str, target: Target, note: Note, environment: str = PRODUCTION
) -> Aliases:
    """Make `target` the champion, unasked what it is: `models.forge.promote` looks first."""
    return change(store, name, lambda old: old.promoted(environment, target, note))


def change(store: Store, name: str, edit: Edit) -> Aliases:
    """Replace the alias document by what `edit` makes of it, and return that.

    `edit` is asked again whenever another writer was faster; what it raises is passed on. A document that it
    leaves as it is, is not written.
    """
    old, new = _swap(store, name, edit)
    step = limits.ALIAS_HISTORY_STEP_COUNT
    if old.revision // step < new.revision // step:  # one writer of each step, not all at once
        _move_history(store, name, new)
    return new


def _swap(store: Store, name: str, edit: Edit) -> tuple[Aliases, Aliases]:
    """Return the document before and after."""
    waits_seconds = limits.CHANGE_RETRY_SECONDS
    while True:
        stored = _stored_aliases(store, name)
        old = Aliases.parse(stored.data) if stored else Aliases()
        new = edit(old)
        if new == old:
            return old, old
        try:
            _write_aliases(store, name, new, stored)
        except PreconditionFailed:
            time.sleep(random.uniform(0, waits_seconds))  # noqa: S311 - so that writers do not meet again
            waits_seconds = min(2 * waits_seconds, limits.CHANGE_RETRY_MAX_SECONDS)
        else:
            return old, new


def _stored_aliases(store: Store, name: str) -> StoredObject | None:
    try:
        return store.get(aliases_key(name), limits.ALIASES_MAX_BYTES)
    except ObjectNotFound:
        return None


def _write_aliases(store: Store, name: str, aliases: Aliases, old: StoredObject | None) -> None:
    if old is None:
        store.create(aliases_key(name), aliases.to_bytes())
    else:
        store.replace(aliases_key(name), aliases.to_bytes(), old.etag)


def _move_history(store: Store, name: str, aliases: Aliases) -> None:
    """Give changes beyond those that the document holds documents of their own, then take them out of it.

    In steps and after a change, not with it: what lies between reading and writing is what writers lose by.
    One that dies in between leaves the document longer, until the next step.
    """
    old = aliases.history[: -limits.ALIAS_HISTORY_MAX_COUNT]
    for one in old:
        try:
            document = json.dumps(asdict(one), ensure_ascii=False)
            store.create(_change_key(name, one.revision), document.encode())
        except PreconditionFailed:
            continue  # another writer's, and the same
    if old:
        _swap(store, name, lambda now: now.without_history_to(old[-1].revision))


def _archived(store: Store, name: str, revision: int) -> Change:
    key = _change_key(name, revision)
    try:
        return Change.parse(json.loads(store.get(key, limits.CHANGE_MAX_BYTES).data))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ManifestError(f"{key} is malformed: restore the version before it") from error


def _change_key(name: str, revision: int) -> str:
    return f"models/{name}/history/{revision}.json"
