"""What is published of a model: every version with its state, and which of them is meant."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from coldframe import limits
from coldframe.aliases import Aliases, Target
from coldframe.errors import ColdframeError, ManifestError, ObjectNotFound
from coldframe.manifest import VERSION, Manifest
from coldframe.registry import (
    manifest_key,
    published_versions,
    read_aliases,
    read_manifest,
    version_numbers,
    version_prefix,
)
from coldframe.store import Listed, Store


class UnknownVersion(ColdframeError):
    """Raise when a model or a version of it is not published."""


@dataclass(frozen=True)
class Entry:
    """A version in the store. Without a manifest it is incomplete, or else `problem` says what is wrong.

    `published` is the manifest's last modification.
    """

    version: str
    manifest: Manifest | None = None
    published: datetime | None = None
    problem: str = "incomplete"

    def whole(self, name: str) -> Manifest:
        """Return its manifest. Raises `UnknownVersion` when it has none that can be read."""
        if self.manifest is None:
            raise UnknownVersion(f"{name} {self.version} is not usable ({self.problem}): publish it again.")
        return self.manifest


def entries(store: Store, name: str) -> list[Entry]:
    """Return the versions of a model, oldest first, those too whose publishing was cut short.

    Raises `UnknownVersion` when there is none.
    """
    check_known(store, name)
    objects = list(store.objects(f"models/{name}/"))
    with ThreadPoolExecutor(limits.HISTORY_READERS_MAX_COUNT) as pool:
        return list(pool.map(lambda version: _entry(store, name, version, objects), _versions(objects)))


def check_known(store: Store, name: str) -> None:
    """Raise `UnknownVersion`, naming what there is, unless something of this model is in the store."""
    known = store.folders("models/")
    if name not in known:
        raise UnknownVersion(f"No model {name} is published here; there is {', '.join(known) or 'none'}.")


def latest(store: Store, name: str) -> str:
    """Return the newest complete version. Raises `UnknownVersion` when there is none."""
    for version in reversed(_known_versions(store, name)):
        try:
            store.get(manifest_key(name, version), limits.MANIFEST_MAX_BYTES)
        except ObjectNotFound:
            continue
        return version
    raise UnknownVersion(f"No version of {name} is complete: publish one (coldframe publish {name}).")


def live_or_latest(store: Store, name: str, environment: str) -> str:
    """Return the champion of an environment; without one, the newest version. Raises as `latest` does."""
    champion = aliases_or_none(store, name).champion(environment)
    return champion.version if champion else latest(store, name)


def entry_of(store: Store, name: str, version: str) -> Entry:
    """Return one version. Raises `UnknownVersion`, naming those that there are."""
    known = _known_versions(store, name)
    if version not in known:
        raise UnknownVersion(f"{name} {version} is not published; there is {', '.join(known) or 'none'}.")
    return _entry(store, name, version, list(store.objects(version_prefix(name, version))))


def manifest_of(store: Store, name: str, version: str) -> Manifest:
    """Return a version's manifest. Raises `UnknownVersion` where there is none that can be read."""
    return entry_of(store, name, version).whole(name)


def aliases_or_none(store: Store, name: str) -> Aliases:
    """Return the alias document, an empty one where nothing was ever live."""
    try:
        return read_aliases(store, name)[0]
    except ObjectNotFound:
        return Aliases()


def aliased(aliases: Aliases, version: str) -> Target | None:
    """Return the target of an alias that names this version, if one does."""
    return next((target for target in aliases.aliases.values() if target.version == version), None)


def _known_versions(store: Store, name: str) -> list[str]:
    check_known(store, name)
    return published_versions(store, name)


def _versions(objects: Iterable[Listed]) -> list[str]:
    found = {one.key.split("/")[2] for one in objects if one.key.count("/") >= 3}
    return sorted(filter(VERSION.fullmatch, found), key=version_numbers)


def _entry(store: Store, name: str, version: str, objects: Iterable[Listed]) -> Entry:
    key = f"{version_prefix(name, version)}manifest.json"
    published = next((one.modified for one in objects if one.key == key), None)
    if published is None:
        return Entry(version)
    try:
        return Entry(version, read_manifest(store, name, version), published, "")
    except (ManifestError, ObjectNotFound) as error:
        return Entry(version, None, published, str(error))
