"""A change of what is live: which alias, from which version to which, when, by whom and why.

An environment (production or staging) has a champion, which answers, and may have a challenger on trial.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

CHAMPION, CHALLENGER = "champion", "challenger"
PRODUCTION, STAGING = "production", "staging"
ENVIRONMENTS = (PRODUCTION, STAGING)
EPOCH = "1970-01-01T00:00:00+00:00"
PROMOTE, ROLL_BACK, TRY, WITHDRAW = "promote", "rollback", "trial", "withdraw"


@dataclass(frozen=True)
class Target:
    """A version, and the SHA-256 in hex that its manifest must have."""

    version: str
    manifest_sha256: str

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """Read what `asdict` gave. Raises `KeyError` or `TypeError` for anything else."""
        return cls(str(document["version"]), str(document["manifest_sha256"]))


@dataclass(frozen=True)
class Note:
    """When (ISO 8601, UTC), by whom and why something is changed."""

    at: str
    by: str
    why: str


@dataclass(frozen=True)
class Change:
    """One change of an alias: what became what, when (ISO 8601, UTC), by whom, and why.

    `percent` is a challenger's share of the traffic from then on; `after` is None once it has none.
    """

    revision: int
    alias: str
    before: Target | None
    after: Target | None
    at: str
    by: str
    why: str
    action: str = PROMOTE
    percent: int | None = None

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """Read what `asdict` gave; what a later release added is left out.

        Raises `KeyError`, `TypeError` or `AttributeError` for anything else.
        """
        known = {one.name: document[one.name] for one in fields(cls) if one.name in document}
        targets = {key: document[key] and Target.parse(document[key]) for key in ("before", "after")}
        return cls(**known | targets)


def alias_name(role: str, environment: str) -> str:
    """Return the alias of a role in an environment; production's has the role's bare name."""
    return role if environment == PRODUCTION else f"{environment}/{role}"


def champions(history: Iterable[Change], environment: str) -> list[Target]:
    """Return the champions that were not rolled back, oldest first, the live one last."""
    alias = alias_name(CHAMPION, environment)
    stack: list[Target] = []
    for change in history:
        if change.alias != alias or change.after is None:
            continue
        if change.before is not None and not stack:
            stack = [change.before]
        if change.action == ROLL_BACK:
            while stack and stack[-1] != change.after:
                stack.pop()
        if not stack or stack[-1] != change.after:
            stack.append(change.after)
    return stack


def live_at(history: Iterable[Change], alias: str, at: str) -> Change | None:
    """Return the change that had last set the alias at a time (ISO 8601, UTC); None before the first."""
    earlier = [change for change in history if change.alias == alias and change.at <= at]
    return earlier[-1] if earlier else None
