"""Which version of a model is live: one small alias document a model, changed only by compare-and-swap.

`models/<name>/aliases.json` holds the aliases and the last changes; changes that no longer fit there move to
`models/<name>/history/<revision>.json` first, so that none is ever lost.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from coldframe import limits
from coldframe.errors import ManifestError, ObjectNotFound, PreconditionFailed
from coldframe.manifest import FileEntry
from coldframe.store import Store, StoredObject

CHAMPION = "champion"


@dataclass(frozen=True)
class Target:
    """A version, and the SHA-256 in hex that its manifest must have."""

    version: str
    manifest_sha256: str


@dataclass(frozen=True)
class Change:
    """One change of an alias: what became what, when (ISO 8601, UTC), by whom, and why."""

    revision: int
    alias: str
    before: Target | None
    after: Target
    at: str
    by: str
    why: str


@dataclass(frozen=True)
class Aliases:
    """The alias document of one model."""

    aliases: Mapping[str, Target] = field(default_factory=dict)
    history: tuple[Change, ...] = ()
    revision: int = 0

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read the document. Raises `ManifestError` when it is malformed."""
        try:
            document = json.loads(data)
            return cls(
                {alias: _target(target) for alias, target in document["aliases"].items()},
                tuple(_change(change) for change in document["history"]),
                int(document["revision"]),
            )
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise ManifestError(
                f"the alias document is malformed ({error}): restore the version of aliases.json before it, "
                "which the bucket keeps"
            ) from error

    def to_bytes(self) -> bytes:
        """Write as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2).encode() + b"\n"

    def candidates(self, alias: str) -> list[Target]:
        """Return what the alias points to, then what it pointed to before, latest first, each once."""
        earlier = [c.before for c in reversed(self.history) if c.alias == alias and c.before is not None]
        now = [self.aliases[alias]] if alias in self.aliases else []
        return list(dict.fromkeys(now + earlier))

    def pointed(self, alias: str, target: Target, at: str, by: str, why: str) -> Self:
        """Return the document after the alias is pointed at `target`."""
        revision = self.revision + 1
        change = Change(revision, alias, self.aliases.get(alias), target, at, by, why)
        return type(self)({**self.aliases, alias: target}, (*self.history, change), revision)

    def trimmed(self) -> Self:
        """Return the document with only as much history as it may hold."""
        return type(self)(self.aliases, self.history[-limits.ALIAS_HISTORY_MAX_COUNT :], self.revision)


def manifest_key(name: str, version: str) -> str:
    """Return the key of a version's manifest; its files lie beside it."""
    return f"{version_prefix(name, version)}manifest.json"


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


def read_aliases(store: Store, name: str) -> tuple[Aliases, str]:
    """Return the alias document and its ETag. Raises `ObjectNotFound` when nothing is published."""
    stored = store.get(aliases_key(name), limits.ALIASES_MAX_BYTES)
    return Aliases.parse(stored.data), stored.etag


def live_names(store: Store) -> list[str]:
    """Return the names of the models that have a live version; parts of others, as an encoder, have none."""
    return [name for name in store.folders("models/") if is_live(store, name)]


def is_live(store: Store, name: str) -> bool:
    """Say whether a model of this name has a live version."""
    try:
        return CHAMPION in read_aliases(store, name)[0].aliases
    except ObjectNotFound:
        return False


def point(store: Store, name: str, alias: str, target: Target, *, at: str, by: str, why: str) -> Aliases:
    """Point the alias at `target`, unless it is there already; retried until no other writer was faster."""
    while True:
        stored = _stored_aliases(store, name)
        old = Aliases.parse(stored.data) if stored else Aliases()
        if old.aliases.get(alias) == target:
            return old
        new = old.pointed(alias, target, at, by, why)
        _archive(store, name, new.history[: -limits.ALIAS_HISTORY_MAX_COUNT])
        try:
            _write_aliases(store, name, new.trimmed(), stored)
        except PreconditionFailed:
            continue
        return new.trimmed()


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


def _archive(store: Store, name: str, changes: tuple[Change, ...]) -> None:
    """Keep changes that are about to be trimmed; another writer may have kept the same ones already."""
    for change in changes:
        try:
            store.create(f"models/{name}/history/{change.revision}.json", json.dumps(asdict(change)).encode())
        except PreconditionFailed:
            continue


def _target(document: Mapping[str, Any]) -> Target:
    return Target(str(document["version"]), str(document["manifest_sha256"]))


def _change(document: Mapping[str, Any]) -> Change:
    before, after = document["before"], document["after"]
    return Change(**{**document, "before": before and _target(before), "after": _target(after)})
