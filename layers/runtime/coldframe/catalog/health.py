"""Does a version really load? Asked of the version itself, and answered whatever happens to it."""

from coldframe import limits
from coldframe.aliases import Aliases
from coldframe.catalog.catalog import Catalog
from coldframe.catalog.contract import HealthMetadata, TriedHealth
from coldframe.catalog.details import deployed_at, look_at
from coldframe.catalog.probing import Probes
from coldframe.changes import Target
from coldframe.errors import ArtifactError, StoreError
from coldframe.manifest import check_version, sha256
from coldframe.registry import manifest_key


def health(catalog: Catalog, probes: Probes, name: str, version: str | None) -> TriedHealth:
    """Try a version, or the deployed one. Raises `UnknownModel`, and nothing that a model may cause."""
    try:
        aliases = catalog.aliases(name)
        chosen = catalog.chosen(name, version, aliases) if version else catalog.deployed(aliases)
    except (StoreError, ArtifactError) as error:
        return _unavailable(name, version, str(error))
    if chosen is None:
        return _unavailable(
            name, None, f"{name} has no version deployed in {catalog.environment}: promote one"
        )
    since = deployed_at(aliases, catalog.environment) if chosen == catalog.deployed(aliases) else None
    try:
        check_version(chosen)  # an alias may name anything
        problem = probes.problem(name, _target(catalog, aliases, name, chosen))
        there = problem is None or look_at(catalog.store, name, chosen)[1] is None
    except (StoreError, ArtifactError) as error:
        return _unavailable(name, chosen, str(error), since)
    if problem:
        return _unavailable(name, chosen, problem, since, there=there)
    return TriedHealth(
        model_type=name,
        version=chosen,
        status="healthy",
        available=True,
        loadable=True,
        message=f"{chosen} loads and answers",
        metadata=HealthMetadata(version=chosen, deployed_at=since),
    )


def _target(catalog: Catalog, aliases: Aliases, name: str, version: str) -> Target:
    """Return what an alias says of the version; of one that none names, the manifest as it is."""
    for target in (aliases.champion(catalog.environment), *aliases.aliases.values()):
        if target and target.version == version:
            return target
    manifest = catalog.store.get(manifest_key(name, version), limits.MANIFEST_MAX_BYTES)
    return Target(version, sha256(manifest.data))


def _unavailable(
    name: str, version: str | None, why: str, since: str | None = None, *, there: bool = False
) -> TriedHealth:
    return TriedHealth(
        model_type=name,
        version=version,
        status="unavailable",
        available=there,
        loadable=False,
        message=why,
        metadata=HealthMetadata(version=version, deployed_at=since),
    )
