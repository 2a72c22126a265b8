"""From what the aliases name to what is open: the champion or the one before it, and the challenger."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from coldframe import limits
from coldframe.aliases import Aliases
from coldframe.changes import CHAMPION, EPOCH, Target, alias_name
from coldframe.errors import ArtifactError, ObjectNotFound
from coldframe.loading import LoadedModel
from coldframe.traffic import Serving

Opened = TypeVar("Opened")
Open = Callable[[Target], LoadedModel]


def first_fit(
    targets: Sequence[Target], open_one: Callable[[Target], Opened]
) -> tuple[Opened | None, list[str]]:
    """Open the first target that is fit to serve; return it, and why those before it are not."""
    refusals: list[str] = []
    for target in targets[: limits.LOAD_CANDIDATES_MAX_COUNT]:
        try:
            return open_one(target), refusals
        except (ArtifactError, ObjectNotFound) as error:
            refusals.append(f"{target.version} is refused: {error}")
    return None, refusals


def adopt_champion(before: Serving, aliases: Aliases, environment: str, open_one: Open) -> Serving:
    """Return what is served once the champion is open, or the first one before it that is fit to."""
    line = aliases.line(environment)
    opened, refusals = first_fit(line, _reusing(before, open_one))
    problems = refusals if line else [f"there is no {CHAMPION} in {environment}: publish a version"]
    since = datetime.fromisoformat(aliases.since.get(alias_name(CHAMPION, environment), EPOCH))
    return replace(
        before,
        champion=opened or before.champion,
        new_until=since.timestamp() + limits.GUARDIAN_CHAMPION_WATCH_SECONDS,
        problems=tuple(problems),
    )


def adopt_trial(before: Serving, aliases: Aliases, environment: str, open_one: Open) -> Serving:
    """Return what is served once the challenger is open; one without a share of the traffic need not be."""
    trial = aliases.trial(environment)
    if trial is None or trial.percent == 0:
        return replace(before, challenger=None, percent=0, on_trial=trial is not None)
    challenger, refusals = first_fit([trial.target], _reusing(before, open_one))
    problems = (*before.problems, *(f"challenger {refusal}" for refusal in refusals))
    return replace(before, challenger=challenger, percent=trial.percent, on_trial=True, problems=problems)


def _reusing(before: Serving, open_one: Open) -> Open:
    """Open what is not open already."""
    open_already = {model.target: model for model in (before.champion, before.challenger) if model}

    def reuse(target: Target) -> LoadedModel:
        return open_already.get(target) or open_one(target)

    return reuse
