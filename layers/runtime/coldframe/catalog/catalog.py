"""What there is to say of models, as one environment (production or staging) has them live."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from coldframe.aliases import Aliases
from coldframe.catalog.contract import LiveChange, ModelDetails, ModelHistory, Models
from coldframe.catalog.details import metadata_of
from coldframe.catalog.listing import every_model, in_order, model_names, whole_versions
from coldframe.errors import ObjectNotFound, UnknownModel
from coldframe.manifest import NAME, VERSION
from coldframe.registry import own_environment, read_aliases
from coldframe.store import Store

LATEST = "latest"


@dataclass(frozen=True)
class Catalog:
    """Looks things up, and changes nothing.

    Every method raises `UnknownModel` where there is no such model or version, naming what there is,
    `StoreUnavailable` when the store does not answer, and `ManifestError` for a malformed alias document.
    """

    store: Store
    environment: str

    @classmethod
    def from_environment(cls) -> Self:
        """Open the bucket MODEL_BUCKET, as MODEL_ENVIRONMENT has it live."""
        return cls(Store.open(os.environ["MODEL_BUCKET"]), own_environment())

    def models(self) -> Models:
        """Return every model with its versions."""
        return Models(models=every_model(self.store), timestamp=datetime.now(UTC))

    def details(self, name: str, version: str = LATEST) -> ModelDetails:
        """Describe a version, or the latest one: the one with the highest number, live or not."""
        aliases = self.aliases(name)
        chosen = self.chosen(name, version, aliases)
        said = metadata_of(self.store, self.environment, aliases, name, chosen)
        return ModelDetails(
            model_type=name,
            version=chosen,
            deployed_version=self.deployed(aliases),
            available=said.problem is None,
            metadata=said,
        )

    def history(self, name: str) -> ModelHistory:
        """Return the changes that the alias document holds. Who made them is for the command to say."""
        kept = self.aliases(name).history
        changes = [LiveChange.of(change) for change in reversed(kept)]
        return ModelHistory(model_type=name, changes=changes, older=kept[0].revision - 1 if kept else 0)

    def aliases(self, name: str) -> Aliases:
        """Return what is live of a model."""
        try:
            if NAME.fullmatch(name):
                return read_aliases(self.store, name)[0]
        except ObjectNotFound:
            pass
        names = ", ".join(model_names(self.store)) or "none yet"
        raise UnknownModel(f"There is no such model; there is {names}.")

    def versions(self, name: str, aliases: Aliases) -> list[str]:
        """Return the versions that are whole, and those that an alias names in any case, oldest first."""
        whole = whole_versions(self.store, name)
        named = (target.version for target in aliases.aliases.values())
        return in_order({*whole, *filter(VERSION.fullmatch, named)})

    def chosen(self, name: str, version: str, aliases: Aliases) -> str:
        """Return the version that is asked for: `latest`, or one by its number."""
        known = self.versions(name, aliases)
        if version == LATEST and known:
            return known[-1]
        if version not in known:
            there_is = ", ".join(known) or "none that is whole"
            raise UnknownModel(f"{name} has no such version; there is {there_is}.")
        return version

    def deployed(self, aliases: Aliases) -> str | None:
        """Return the champion's version."""
        champion = aliases.champion(self.environment)
        return champion.version if champion else None
