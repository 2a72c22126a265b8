"""One version: where it stands, what its manifest says, whether its files are there."""

from typing import Any

from coldframe.aliases import Aliases
from coldframe.catalog.contract import Metadata
from coldframe.catalog.listing import readers
from coldframe.changes import CHALLENGER, CHAMPION, alias_name
from coldframe.errors import ArtifactError, ObjectNotFound
from coldframe.manifest import FileEntry, Manifest
from coldframe.registry import file_key, manifest_key, read_manifest, signature_key
from coldframe.store import Store


def metadata_of(store: Store, environment: str, aliases: Aliases, name: str, version: str) -> Metadata:
    """Describe a version. Raises `StoreUnavailable`."""
    manifest, problem = look_at(store, name, version)
    return Metadata(
        **_standing(store, environment, aliases, name, version),
        problem=problem,
        signed=store.find(signature_key(name, version)) is not None,
        **(_said(manifest) if manifest else {}),
    )


def look_at(store: Store, name: str, version: str) -> tuple[Manifest | None, str | None]:
    """Return a version's manifest, and what is wrong: it cannot be read, or a file is missing or cut short.

    Raises `StoreUnavailable`.
    """
    try:
        manifest = read_manifest(store, name, version)
    except (ArtifactError, ObjectNotFound) as error:
        return None, str(error)
    with readers() as pool:
        problems = pool.map(lambda entry: _problem(store, name, version, entry), manifest.files)
        return manifest, "; ".join(filter(None, problems)) or None


def deployed_at(aliases: Aliases, environment: str) -> str | None:
    """Return since when the champion is live (ISO 8601, UTC); None if the document holds that no more."""
    last = aliases.last_change(alias_name(CHAMPION, environment))
    return last.at if last else None


def _standing(store: Store, environment: str, aliases: Aliases, name: str, version: str) -> dict[str, Any]:
    champion, trial = aliases.champion(environment), aliases.trial(environment)
    if champion and champion.version == version:
        return {"state": CHAMPION, "since": deployed_at(aliases, environment)}
    if trial and trial.target.version == version:
        return {"state": CHALLENGER, "since": trial.since or None, "percent": trial.percent}
    manifest = store.find(manifest_key(name, version))
    return {"state": "published", "since": manifest and manifest.modified.isoformat(timespec="milliseconds")}


def _said(manifest: Manifest) -> dict[str, Any]:
    sizes = {entry.name: entry.size for entry in manifest.files}
    return {
        "kind": manifest.kind,
        "labels": list(manifest.labels),
        "metrics": manifest.metrics,
        "gate": manifest.parity.get("verdict"),
        "size_bytes": sum(sizes.values()),
        "files": sizes,
    }


def _problem(store: Store, name: str, version: str, entry: FileEntry) -> str | None:
    key = file_key(name, version, entry)
    found = store.find(key)
    if found is None:
        return f"nothing is stored at {key}"
    if found.size != entry.size:
        return f"{key} has {found.size:,} bytes; its manifest lists {entry.size:,}"
    return None
