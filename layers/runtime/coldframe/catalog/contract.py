"""What is said of models, in the forms that the OpenAPI document shows."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel

from coldframe.changes import Change

State = Literal["published", "challenger", "champion"]


class Models(BaseModel):
    """Every model with its whole versions, oldest first, and when that was looked up (ISO 8601, UTC)."""

    models: dict[str, list[str]]
    timestamp: datetime


class Metadata(BaseModel):
    """Where a version stands since when (ISO 8601, UTC), and what its manifest says.

    `percent` is a challenger's share of the traffic. `problem` says why a version is not `available`; when it
    is the manifest that cannot be read, nothing of it is here. `gate` is the verdict of the comparison with
    the unquantized parent, where there is one. `signed` says that there is a signature, not that it was
    checked.
    """

    state: State
    since: str | None
    percent: int | None = None
    problem: str | None = None
    kind: str | None = None
    labels: list[str] = []
    metrics: dict[str, Any] = {}
    gate: str | None = None
    signed: bool
    size_bytes: int | None = None
    files: dict[str, int] = {}


class ModelDetails(BaseModel):
    """One version, and which one is deployed; `available`: its manifest can be read, its files are there."""

    model_type: str
    version: str
    deployed_version: str | None
    available: bool
    metadata: Metadata


class HealthMetadata(BaseModel):
    """The version that was tried, and since when it is deployed (ISO 8601, UTC), if it is."""

    version: str | None
    deployed_at: str | None


class TriedHealth(BaseModel):
    """What came of loading a version and letting it answer; `message` says what is wrong."""

    model_type: str
    version: str | None
    status: Literal["healthy", "unavailable"]
    available: bool
    loadable: bool
    message: str
    metadata: HealthMetadata


class LiveChange(BaseModel):
    """What became of an alias, when (ISO 8601, UTC), and why; `percent` is a challenger's new share."""

    revision: int
    alias: str
    action: str
    before: str | None
    after: str | None
    percent: int | None
    at: str
    why: str

    @classmethod
    def of(cls, change: Change) -> Self:
        """Describe a change. Who made it is for the command to say, not for every holder of an API key."""
        before, after = (one.version if one else None for one in (change.before, change.after))
        copied = {name: getattr(change, name) for name in cls.model_fields if name not in ("before", "after")}
        return cls(**copied, before=before, after=after)


class ModelHistory(BaseModel):
    """The last changes of what is live, the newest first; `older` is how many there were before them."""

    model_type: str
    changes: list[LiveChange]
    older: int
