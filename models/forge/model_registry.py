"""The registry for programs: publish, promote, look up and roll back, by names that they may know already.

It does nothing of its own: each method is one call of what the command and the functions use.
"""

from dataclasses import dataclass

from coldframe.catalog.catalog import LATEST, Catalog
from coldframe.catalog.contract import ModelDetails
from coldframe.catalog.listing import whole_versions
from coldframe.changes import ENVIRONMENTS, PRODUCTION
from coldframe.errors import ChangeRefused, UnknownModel
from coldframe.store import Store
from models.forge.noted import noted
from models.forge.objections import Terms
from models.forge.promote import promote
from models.forge.publish import publish
from models.forge.rollback import roll_back
from models.forge.version import Version


@dataclass(frozen=True)
class ModelRegistry:
    """The versions in one store, and which of them are live in an environment, production or staging.

    Every method raises `StoreUnavailable` when the store does not answer. Those that change something are
    safe to repeat: what is so already stays as it is, and the history says nothing twice. An environment
    that is named in a call stands in for the registry's own.
    """

    store: Store
    environment: str = PRODUCTION

    def register_model(self, version: Version, reason: str = "register_model") -> str:
        """Publish a version and return its number; a model's first version is live at once.

        Raises `VersionTaken` when it is there with other bytes, `ArtifactError` when it is not fit to serve.
        """
        publish(self.store, version.manifest, version.files, noted(reason), self.environment)
        return version.manifest.version

    def deploy_model(
        self,
        name: str,
        version: str,
        environment: str | None = None,
        reason: str = "deploy_model",
        *,
        force: bool = False,
    ) -> None:
        """Make a published version live.

        Raises `ChangeRefused` when it is not published, or not fit to be live: its gate says UNSAFE, its
        files are not whole, a smoke prediction fails, or it is worse than what is live. With `force` it goes
        live all the same, and the history says what was against it.
        """
        promote(self.store, name, version, self._where(environment), noted(reason), Terms(force=force))

    def rollback(
        self,
        name: str,
        environment: str | None = None,
        reason: str = "rollback",
        *,
        to: str | None = None,
        steps: int = 1,
    ) -> None:
        """Make an earlier version live again: version `to`, or the one that many steps back.

        Only `to` is safe to repeat. Raises `ChangeRefused` when there is none so far back, or `to` was never
        live.
        """
        roll_back(self.store, name, self._where(environment), noted(reason), to=to, steps=steps)

    def list_versions(self, name: str) -> list[str]:
        """Return the versions that are published, oldest first. Raises `UnknownModel` if there is none."""
        found = whole_versions(self.store, name)
        if not found:
            raise UnknownModel(f"No version of {name} is published: register one.")
        return found

    def get_latest_version(self, name: str) -> str:
        """Return the version with the highest number, live or not. Raises `UnknownModel`."""
        return self.list_versions(name)[-1]

    def get_deployed_version(self, name: str, environment: str | None = None) -> str | None:
        """Return the version that is live, if one is. Raises `UnknownModel`."""
        catalog = Catalog(self.store, self._where(environment))
        return catalog.deployed(catalog.aliases(name))

    def get_model_info(self, name: str, version: str = LATEST) -> ModelDetails:
        """Return what `GET /v1/ml-models/NAME` says of a version. Raises `UnknownModel`."""
        return Catalog(self.store, self.environment).details(name, version)

    def _where(self, environment: str | None) -> str:
        where = environment or self.environment
        if where not in ENVIRONMENTS:
            raise ChangeRefused(f"There is no environment {where}: name {' or '.join(ENVIRONMENTS)}.")
        return where
