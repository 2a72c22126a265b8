"""A new version that is broken: the one before it keeps serving, where it is loaded and where it is not."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from coldframe.changes import Target
from coldframe.errors import ModelUnavailable
from coldframe.slot import ModelSlot
from coldframe.store import Store
from models.forge.crossfit import Progress
from models.forge.knowledge.safety.damage import damaged
from models.forge.knowledge.safety.measure import differences
from models.forge.knowledge.safety.shelf import put, shelf
from models.forge.publish import version_after
from models.forge.version import Version

_STAGE = "Publishing broken versions"


class Broken(NamedTuple):
    """The version after another: what is wrong with it."""

    what: str
    version: Version


def broken_versions(version: Version) -> list[Broken]:
    """One for each file of its own, which has a bit flipped."""
    after = replace(version.manifest, version=version_after(version.manifest.version))
    own = [entry.name for entry in version.manifest.files if not entry.owner]
    return [
        Broken(f"{name} {what}", Version(after, {**version.files, name: data}))
        for name in own
        for what, data in [next(damaged(version.files[name]))]
    ]


def gone(version: Version, broken: list[Broken], ticket: str, progress: Progress) -> Iterator[str]:
    """Say for which broken versions the one before does not stay as it was, a sentence each."""
    for number, one in enumerate(broken, 1):
        if fault := _fault(version, one.version, ticket):
            yield f"a new version's {one.what}: {fault}"
        progress(_STAGE, number, len(broken))


def _fault(version: Version, broken: Version, ticket: str) -> str | None:
    store = shelf()
    target = put(store, version)
    slot = _slot(store, version)
    try:
        before = slot.current().predictor.predict([ticket])[0]
        put(store, broken)
        slot.start().wait()
        fresh = _slot(store, version)
        return _changed(slot, target, before, ticket) or _changed(fresh, target, before, ticket)
    except ModelUnavailable as error:
        return f"none is served: {error}"


def _changed(slot: ModelSlot, target: Target, before: dict[str, object], ticket: str) -> str | None:
    model, health = slot.current(), slot.health()
    if model.target != target:
        return f"{model.target.version} is served, which should be refused"
    if health.status != "degraded":
        return f"health says {health.status}, and not that the new version is refused"
    if found := differences(before, model.predictor.predict([ticket])[0]):
        return f"the version before answers otherwise in {', '.join(found)}"
    return None


def _slot(store: Store, version: Version) -> ModelSlot:
    return ModelSlot(lambda: store, version.manifest.name, refresh_seconds=0.0)
