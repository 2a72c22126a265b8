"""What speaks against making a version live where another one is."""

from collections.abc import Iterator
from typing import NamedTuple

from coldframe.changes import Target
from coldframe.errors import ArtifactError, ObjectNotFound
from coldframe.manifest import Manifest
from coldframe.registry import read_manifest, signature_key
from coldframe.store import Store
from models.forge.compare import worse_figures
from models.forge.gate.rule import UNSAFE
from models.forge.verify import faults

MARGIN = 0.01


class Terms(NamedTuple):
    """What a version is held to before it may be live.

    By how much a figure may be below the live version's; whether functions open only signed versions; whether
    what speaks against it is overruled.
    """

    margin: float = MARGIN
    must_be_signed: bool = False
    force: bool = False


def objections(store: Store, name: str, target: Target, live: Target | None, terms: Terms) -> Iterator[str]:
    """Say why a version should not go live instead of, or beside, `live`, a sentence each.

    It is not signed, and must be or `live` is; its files are not whole; it does not open; a smoke prediction
    fails; its gate says UNSAFE; it is of another kind than `live`, or takes other features; a held-out figure
    is below that of `live` by more than the margin.
    """
    yield from _unsigned(store, name, target, live, terms.must_be_signed)
    if found := faults(store, name, target):
        yield from found
        return
    manifest = read_manifest(store, name, target.version)
    if manifest.parity.get("verdict") == UNSAFE:
        yield f"its gate says UNSAFE: {'; '.join(manifest.parity['reasons'])}"
    if live and (against := manifest_or_none(store, name, live.version)):
        yield from _of_another_kind(manifest, against)
        yield from worse_figures(manifest, against, terms.margin)


def manifest_or_none(store: Store, name: str, version: str) -> Manifest | None:
    """Return a version's manifest; None when there is none, or none that can be read."""
    try:
        return read_manifest(store, name, version)
    except (ArtifactError, ObjectNotFound):
        return None


def _unsigned(
    store: Store, name: str, target: Target, live: Target | None, must_be_signed: bool
) -> Iterator[str]:
    if _is_signed(store, name, target):
        return
    fix = f"sign it first (coldframe sign {name} {target.version} --key KEY)"
    if must_be_signed:
        yield f"it is not signed, and functions here open no such version: {fix}"
    elif live and _is_signed(store, name, live):
        yield f"it is not signed, and {live.version}, which is live, is: {fix}"


def _is_signed(store: Store, name: str, target: Target) -> bool:
    return store.find(signature_key(name, target.version)) is not None


def _of_another_kind(manifest: Manifest, live: Manifest) -> Iterator[str]:
    if manifest.kind != live.kind:
        yield f"it is of kind {manifest.kind}, and {live.version}, which is live, of kind {live.kind}"
    elif manifest.feature_names != live.feature_names:
        yield f"it takes other features than {live.version}, which is live, or in another order"
