"""What is published of a model: every version with its state, and which of them is meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from coldframe.aliases import Aliases
from coldframe.catalog.listing import in_order, readers, whole_versions
from coldframe.changes import Target
from coldframe.errors import ManifestError, ObjectNotFound, UnknownModel
from coldframe.manifest import VERSION, Manifest
from coldframe.registry import (
    manifest_key,
    published_versions,
    read_aliases,
    read_manifest,
    version_prefix,
)
from coldframe.store import Listed, Store


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
        """Return its manifest. Raises `UnknownModel` when it has none that can be read."""
        if self.manifest is None:
            raise UnknownModel(f"{name} {self.version} is not usable ({self.problem}): publish it again.")
        return self.manifest


def entries(store: Store, name: str) -> list[Entry]:
    """Return the versions of a model, oldest first, those too whose publishing was cut short.

    Raises `UnknownModel` when there is none.
    """
    check_known(store, name)
    objects = list(store.objects(f"models/{name}/"))
    with readers() as pool:
        return list(pool.map(lambda version: _entry(store, name, version, objects), _versions(objects)))


def check_known(store: Store, name: str) -> None:
    """Raise `UnknownModel`, naming what there is, unless something of this model is in the store."""
    known = store.folders("models/")
    if name not in known:
        raise UnknownModel(f"No model {name} is published here; there is {', '.join(known) or 'none'}.")


def latest(store: Store, name: str) -> str:
    """Return the newest complete version. Raises `UnknownModel` when there is none."""
    check_known(store, name)
    if whole := whole_versions(store, name):
        return whole[-1]
    raise UnknownModel(f"No version of {name} is complete: publish one (coldframe publish {name}).")


def live_or_latest(store: Store, name: str, environment: str) -> str:
    """Return the champion of an environment; without one, the newest version. Raises as `latest` does."""
    champion = aliases_or_none(store, name).champion(environment)
    return champion.version if champion else latest(store, name)


def entry_of(store: Store, name: str, version: str) -> Entry:
    """Return one version. Raises `UnknownModel`, naming those that there are."""
    check_known(store, name)
    if version not in (known := published_versions(store, name)):
        raise UnknownModel(f"{name} {version} is not published; there is {', '.join(known) or 'none'}.")
    return _entry(store, name, version, list(store.objects(version_prefix(name, version))))


def manifest_of(store: Store, name: str, version: str) -> Manifest:
    """Return a version's manifest. Raises `UnknownModel` where there is none that can be read."""
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


def _versions(objects: Iterable[Listed]) -> list[str]:
    found = {one.key.split("/")[2] for one in objects if one.key.count("/") >= 3}
    return in_order(filter(VERSION.fullmatch, found))


def _entry(store: Store, name: str, version: str, objects: Iterable[Listed]) -> Entry:
    key = manifest_key(name, version)
    published = next((one.modified for one in objects if one.key == key), None)
    if published is None:
        return Entry(version)
    try:
        return Entry(version, read_manifest(store, name, version), published, "")
    except (ManifestError, ObjectNotFound) as error:
        return Entry(version, None, published, str(error))
