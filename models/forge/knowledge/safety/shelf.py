"""A store in memory, which versions are loaded from as a function loads them: fetch, verify, open."""

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from obstore.store import MemoryStore

from coldframe import limits
from coldframe.changes import EPOCH, Note, Target
from coldframe.errors import ArtifactError, ObjectNotFound, PreconditionFailed
from coldframe.loading import Stopwatch, load
from coldframe.manifest import sha256
from coldframe.registry import file_key, make_champion, manifest_key
from coldframe.store import Store
from models.forge.crossfit import Progress
from models.forge.version import Version


class Case(NamedTuple):
    """A version that must be refused: what is wrong with it, and the file that the refusal must name.

    `stored_manifest` are the bytes that stand in the place of its manifest's.
    """

    what: str
    file: str
    version: Version
    stored_manifest: bytes | None = None


def shelf() -> Store:
    """An empty store in memory."""
    return Store(MemoryStore())


def put(store: Store, version: Version) -> Target:
    """Write a version, whole or broken, and make it live; files of another version that are there stay."""
    manifest = version.manifest
    for entry in manifest.files:
        if entry.name in version.files:
            with suppress(PreconditionFailed):
                store.create(file_key(manifest.name, manifest.version, entry), version.files[entry.name])
    data = manifest.to_bytes()
    store.create(manifest_key(manifest.name, manifest.version), data)
    target = Target(manifest.version, sha256(data))
    make_champion(store, manifest.name, target, Note(EPOCH, "the safety run", "the safety run"))
    return target


def faults(cases: list[Case], stage: str, progress: Progress) -> Iterator[str]:
    """Say which of the cases are not refused as they should be, a sentence each."""
    for number, case in enumerate(cases, 1):
        if fault := _fault(case):
            yield f"{case.what}: {fault}"
        progress(stage, number, len(cases))


def _fault(case: Case) -> str | None:
    store, manifest = shelf(), case.version.manifest
    target = put(store, case.version)
    if case.stored_manifest is not None:
        key = manifest_key(manifest.name, manifest.version)
        store.replace(key, case.stored_manifest, store.get(key, limits.MANIFEST_MAX_BYTES).etag)
    try:
        load(store, manifest.name, target, Stopwatch())
    except (ArtifactError, ObjectNotFound) as error:
        return None if case.file in str(error) else f"the refusal does not name {case.file}: {error}"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no refusal, and the other cases follow
        return f"it should be refused, and fails with {error!r}"
    return "it should be refused, and is opened"
