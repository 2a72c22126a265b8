"""Which models and versions there are, told from what lies in the store."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from coldframe import limits
from coldframe.manifest import NAME, VERSION
from coldframe.registry import aliases_key, manifest_key, version_numbers
from coldframe.store import Store
from coldframe.telemetry import logger


def every_model(store: Store) -> dict[str, list[str]]:
    """Return every model with its whole versions, oldest first, in one listing of the store.

    What lies behind its first CATALOG_OBJECTS_MAX_COUNT objects is left out, and the log says so.
    """
    keys = set(_keys(store, "models/"))
    versions = _whole(keys)
    return {name: versions[name] for name in sorted(_named(keys))}


def model_names(store: Store) -> list[str]:
    """Return the names of the models of which a version is or was live: those with an alias document.

    What is only a part of others, as an encoder, has none.
    """
    named = list(filter(NAME.fullmatch, store.folders("models/")))
    with readers() as pool:
        found = pool.map(lambda name: store.find(aliases_key(name)), named)
    return [name for name, document in zip(named, found, strict=True) if document]


def whole_versions(store: Store, name: str) -> list[str]:
    """Return the versions of a model whose manifest is there, oldest first.

    A version whose publishing was cut short has none.
    """
    return _whole(_keys(store, f"models/{name}/"))[name]


def in_order(versions: Iterable[str]) -> list[str]:
    """Return versions by their numbers, oldest first."""
    return sorted(versions, key=version_numbers)


def readers() -> ThreadPoolExecutor:
    """Return threads to read several objects at once."""
    return ThreadPoolExecutor(limits.CATALOG_READERS_MAX_COUNT)


def _keys(store: Store, prefix: str) -> Iterator[str]:
    listed = store.objects(prefix)
    for one in islice(listed, limits.CATALOG_OBJECTS_MAX_COUNT):
        yield one.key
    if next(listed, None):
        problem = f"more than {limits.CATALOG_OBJECTS_MAX_COUNT:,} objects: remove versions with coldframe gc"
        logger.warning("not all is listed", extra={"prefix": prefix, "problem": problem})


def _named(keys: Iterable[str]) -> list[str]:
    folders = (key.split("/")[1] for key in keys if key.count("/") == 2)
    return [name for name in folders if NAME.fullmatch(name) and aliases_key(name) in keys]


def _whole(keys: Iterable[str]) -> dict[str, list[str]]:
    found = defaultdict[str, list[str]](list)
    for key in keys:
        if key.count("/") != 3:
            continue
        _, name, version, _ = key.split("/")
        if VERSION.fullmatch(version) and key == manifest_key(name, version):
            found[name].append(version)
    return defaultdict(list, {name: in_order(versions) for name, versions in found.items()})
