"""All versions in the store as they lie there: their objects, and what their manifests say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from coldframe.errors import ManifestError, ObjectNotFound
from coldframe.manifest import VERSION, Manifest
from coldframe.registry import manifest_key, read_manifest
from coldframe.store import Listed, Store


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
