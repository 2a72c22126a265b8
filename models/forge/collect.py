"""Remove versions that nothing needs, so that no reader ever meets half of one.

The manifest goes first: a version exists as long as its manifest does, so from then on it is an incomplete
upload, which nobody can promote, and which the next run removes when this one is cut short. Only then are the
aliases read again, and the manifests that came since; where one names the version after all, the manifest is
put back. `models.forge.confirm` looks for the manifest once more after an alias was pointed at it. S3 is
consistent, so of the two one sees the other: a version that is promoted meanwhile stays, or is not promoted.

What remains. A promotion whose process dies between its change and its last look cannot take it back; if the
removal's dies as well, an alias may name a version that is gone: functions then serve the one before it, and
say so. Two removals at once are not guarded against each other in this. What is published while it, or what
it borrows from, is being removed may lack files: its promotion is refused, and publishing it again completes
it. A removed version's number is free again; the history tells two of one by their manifests' SHA-256.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from coldframe import limits
from coldframe.errors import ObjectNotFound, PreconditionFailed
from coldframe.registry import manifest_key, version_prefix
from coldframe.store import Store
from models.forge.catalog import aliases_or_none
from models.forge.stock import Stocked, stock
from models.forge.unneeded import Unneeded, borrowed, named, unneeded

AGAIN = "it was published meanwhile, perhaps without all of its files: publish it once more"


class Outcome(NamedTuple):
    """What became of a version: removed, or kept and why."""

    stocked: Stocked
    kept: str


def collectable(store: Store, now: datetime, name: str | None = None) -> list[Unneeded]:
    """Return the versions, of one model or of all, that nothing needs. Raises as `stock` does."""
    all_of = stock(store)
    aliases = {model: aliases_or_none(store, model) for model in {one.name for one in all_of}}
    return [one for one in unneeded(all_of, aliases, now) if name in (None, one.stocked.name)]


def remove(store: Store, found: Iterable[Unneeded]) -> Iterator[Outcome]:
    """Remove them one after the other, and say of each what became of it. Safe to repeat."""
    all_of = stock(store)
    for one in found:
        yield Outcome(one.stocked, _remove_one(store, one.stocked, all_of))


def _remove_one(store: Store, one: Stocked, all_of: Collection[Stocked]) -> str:
    """Remove a version; return why it was kept, if it was."""
    key = manifest_key(one.name, one.version)
    manifest = _read(store, key)
    if bool(manifest) != bool(one.manifest):
        return "it is complete by now" if manifest else "another run removes it"
    if needed := _needed_now(store, one, all_of):
        return needed
    if manifest and (needed := _without_manifest(store, one, all_of, key, manifest)):
        return needed
    lying = list(store.objects(version_prefix(one.name, one.version)))
    if any(thing.key == key for thing in lying):
        return AGAIN
    for thing in lying:
        store.delete(thing.key)
    return AGAIN if _read(store, key) else ""


def _without_manifest(
    store: Store, one: Stocked, all_of: Collection[Stocked], key: str, manifest: bytes
) -> str:
    """Take the manifest away; put it back where the version turns out to be needed, and say why."""
    store.delete(key)
    needed = "not known to be unneeded"
    try:
        needed = _needed_now(store, one, all_of)
    finally:
        if needed:
            _put_back(store, key, manifest)
    return needed


def _needed_now(store: Store, one: Stocked, known: Iterable[Stocked]) -> str:
    """Say why the version is needed by now, if it is."""
    if one.version in named(aliases_or_none(store, one.name)):
        return "an alias or a change names it by now"
    return "another version borrows from it by now" if one.owner in borrowed(stock(store, known)) else ""


def _read(store: Store, key: str) -> bytes | None:
    try:
        return store.get(key, limits.MANIFEST_MAX_BYTES).data
    except ObjectNotFound:
        return None


def _put_back(store: Store, key: str, manifest: bytes) -> None:
    with suppress(PreconditionFailed):  # published again meanwhile
        store.create(key, manifest)
