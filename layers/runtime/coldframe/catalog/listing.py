"""Which models and versions there are, told from what lies in the store."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from coldframe import limits
from coldframe.manifest import NAME, VERSION
from coldframe.registry import aliases_key, manifest_key, version_numbers
from coldframe.store import Store


def model_names(store: Store) -> list[str]:
    """Return the names of the models of which a version is or was live: those with an alias document.

    What is only a part of others, as an encoder, has none.
    """
    named = list(filter(NAME.fullmatch, store.folders("models/")))
    with readers() as pool:
        found = pool.map(lambda name: store.find(aliases_key(name)), named)
    return [name for name, document in zip(named, found, strict=True) if document]


def whole_versions(store: Store, names: Iterable[str]) -> dict[str, list[str]]:
    """Return the versions of each of these models whose manifest is there, oldest first.

    A version whose publishing was cut short has none.
    """
    asked = list(names)
    with readers() as pool:
        folders = dict(
            zip(asked, pool.map(lambda name: store.folders(f"models/{name}/"), asked), strict=True)
        )
        pairs = [(name, one) for name in asked for one in folders[name] if VERSION.fullmatch(one)]
        manifests = pool.map(lambda pair: store.find(manifest_key(*pair)), pairs)
        whole = {pair for pair, manifest in zip(pairs, manifests, strict=True) if manifest}
    return {
        name: in_order(version for one, version in pairs if one == name and (one, version) in whole)
        for name in asked
    }


def in_order(versions: Iterable[str]) -> list[str]:
    """Return versions by their numbers, oldest first."""
    return sorted(versions, key=version_numbers)


def readers() -> ThreadPoolExecutor:
    """Return threads to read several objects at once."""
    return ThreadPoolExecutor(limits.CATALOG_READERS_MAX_COUNT)
