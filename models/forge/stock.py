"""All versions in the store as they lie there, and which of them nothing needs."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from coldframe.aliases import Aliases
from coldframe.errors import ManifestError, ObjectNotFound
from coldframe.manifest import VERSION, Manifest
from coldframe.registry import manifest_key, read_manifest
from coldframe.store import Listed, Store
from models.forge.publish import numbers

UNUSED_DAYS = 7  # that a version is left to wait for its promotion
INCOMPLETE_DAYS = 1  # that an upload may take, or wait for its repetition


@dataclass(frozen=True)
class Stocked:
    """A version's objects in the store; `manifest` is None while it has none, which is published last."""

    name: str
    version: str
    objects: tuple[Listed, ...]
    manifest: Manifest | None

    @property
    def owner(self) -> str:
        """As another version that borrows a file names it."""
        return f"{self.name}/{self.version}"

    @property
    def listed_manifest(self) -> Listed | None:
        """Its manifest's object."""
        return _listed_manifest(self.name, self.version, self.objects)

    @property
    def bytes(self) -> int:
        """What its objects take together."""
        return sum(one.size for one in self.objects)

    @property
    def written(self) -> datetime:
        """When its newest object was."""
        return max(one.modified for one in self.objects)


@dataclass(frozen=True)
class Unneeded:
    """A version that nothing needs, and why it is said not to be needed."""

    stocked: Stocked
    why: str


def stock(store: Store, known: Iterable[Stocked] = ()) -> list[Stocked]:
    """Return every version of every model; manifests that are `known` already are not read again.

    Raises `ManifestError` where one cannot be read: what such a version borrows is unknown, so nothing can be
    said of any other either.
    """
    objects: dict[tuple[str, str], list[Listed]] = {}
    for one in store.objects("models/"):
        _, name, version, *below = one.key.split("/")
        if below and VERSION.fullmatch(version):
            objects.setdefault((name, version), []).append(one)
    read = {one.listed_manifest: one.manifest for one in known}
    return [
        Stocked(*key, tuple(found), _manifest(store, *key, found, read)) for key, found in objects.items()
    ]


def unneeded(all_of: Collection[Stocked], aliases: Mapping[str, Aliases], now: datetime) -> list[Unneeded]:
    """Return the versions that nothing needs, by name and number.

    Needed is what an alias names in any environment, or a change in the alias document, which holds the last
    100: a rollback reaches those. Then what another version borrows from, the newest complete version of each
    model, what is younger than UNUSED_DAYS, and an incomplete upload that is younger than INCOMPLETE_DAYS.
    """
    kept = _newest(all_of) | borrowed(all_of)
    for name, document in aliases.items():
        kept |= {f"{name}/{version}" for version in named(document)}
    found = [one for one in all_of if one.owner not in kept and now - one.written > _least_age(one)]
    return [
        Unneeded(one, _why(one)) for one in sorted(found, key=lambda one: (one.name, numbers(one.version)))
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
    for one in sorted(all_of, key=lambda one: numbers(one.version)):
        if one.manifest:
            newest[one.name] = one
    return {one.owner for one in newest.values()}


def _least_age(one: Stocked) -> timedelta:
    return timedelta(days=UNUSED_DAYS if one.manifest else INCOMPLETE_DAYS)


def _why(one: Stocked) -> str:
    if one.manifest is None:
        return "incomplete: its publishing or removal was cut short"
    return "no alias, no recent change and no other version names it"


def _manifest(
    store: Store,
    name: str,
    version: str,
    objects: Iterable[Listed],
    read: Mapping[Listed | None, Manifest | None],
) -> Manifest | None:
    listed = _listed_manifest(name, version, objects)
    if listed is None or listed in read:
        return read.get(listed)
    try:
        return read_manifest(store, name, version)
    except ObjectNotFound:
        return None  # somebody removes it at this moment
    except ManifestError as error:
        raise ManifestError(
            f"{name} {version} cannot be read, so what it borrows is unknown and nothing is removed: {error}"
        ) from error


def _listed_manifest(name: str, version: str, objects: Iterable[Listed]) -> Listed | None:
    return next((one for one in objects if one.key == manifest_key(name, version)), None)
