"""How changes, times and shares are told, and what to type next."""

import shlex
from datetime import UTC, datetime

from coldframe import limits
from coldframe.aliases import Trial
from coldframe.changes import PRODUCTION, Change
from infra.cli.notes import printable
from infra.cli.place import Place
from infra.local.settings import LOCAL_PARAMETERS

TAKEN_UP = (
    "Warm environments take it up at their first call after AliasRefreshSeconds: "
    f"{limits.ALIAS_REFRESH_SECONDS:g} seconds unless the stack sets another number, "
    f"{LOCAL_PARAMETERS['AliasRefreshSeconds']} in the local cloud."
)


def minute(at: str | datetime) -> str:
    """Return a time (ISO 8601, UTC, as the history has it) to the minute."""
    text = at.astimezone(UTC).isoformat() if isinstance(at, datetime) else at
    return text[:16].replace("T", " ")


def share(percent: int) -> str:
    """Return what a challenger's share of the traffic is called."""
    return f"{percent}%" if percent else "shadow"


def role(alias: str) -> str:
    """Return an alias as people say it, its environment first."""
    environment, _, name = alias.rpartition("/")
    return f"{environment or PRODUCTION} {name}"


def challenger(trial: Trial | None) -> str:
    """Return a challenger with its share; nothing when there is none."""
    return f"{trial.target.version} ({share(trial.percent)})" if trial else ""


def movement(change: Change) -> str:
    """Return from what to what an alias changed."""
    before, after = (target.version if target else "none" for target in (change.before, change.after))
    if change.percent is None:
        return f"{before} → {after}"
    return f"{before} → {after} ({share(change.percent)})"


def sentence(change: Change) -> str:
    """Return a change as one line: what, from what to what, when, by whom, why."""
    what = f"{role(change.alias)}: {movement(change)}"
    return printable(f"{what}, {minute(change.at)} UTC, by {change.by}: {change.why}")


def typed(where: Place, *words: str, environment: str | None = None) -> str:
    """Return what to type for this: the words of the command, with what it does not take by itself."""
    others = () if environment in (None, where.environment) else ("--environment", environment)
    stack = () if where.endpoint else ("--stack", where.stack)
    return shlex.join(("coldframe", *words, *others, *stack))


def taken_up(where: Place, environment: str) -> str:
    """Say when a change of an environment's aliases takes effect in this stack."""
    if environment == where.environment:
        return TAKEN_UP
    return f"The functions of {where.stack} follow {where.environment}, and do not take it up."
