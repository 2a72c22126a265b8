"""What the challenger says of inputs that the champion has answered."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Self

from coldframe import limits
from coldframe.changes import Target
from coldframe.errors import ArtifactError, ObjectNotFound
from coldframe.loading import LoadedModel, Stopwatch, load
from coldframe.metrics import names
from coldframe.registry import own_environment, read_aliases
from coldframe.shadow.agreement import agrees, comparable, sample
from coldframe.shadow.events import Decision
from coldframe.store import Store
from coldframe.telemetry import count_of_version, logger

Count = tuple[str, int, str, str]  # a metric, how often, the model and the version that it is counted for


class Shadow:
    """Scores decisions with the challengers of their models, and counts how often they agree.

    Lines come at least once. One that comes twice is counted twice, which leaves the share as it is.
    """

    def __init__(self, store: Store, environment: str) -> None:
        self._store, self._environment = store, environment
        self._open = lru_cache(limits.SHADOW_MODELS_MAX_COUNT)(self._load)

    @classmethod
    def from_environment(cls) -> Self:
        """Make the shadow of MODEL_BUCKET and MODEL_ENVIRONMENT."""
        return cls(Store.open(os.environ["MODEL_BUCKET"]), own_environment())

    def score(self, decisions: Iterable[Decision], remaining_seconds: Callable[[], float]) -> None:
        """Compare a sample of each model's decisions, for as long as there is time, and count it.

        Raises `StoreUnavailable` with nothing counted: the lines come again.
        """
        by_model: dict[str, list[Decision]] = defaultdict(list)
        for decision in decisions:
            by_model[decision.model].append(decision)
        counts: list[Count] = []
        for model, its_decisions in by_model.items():
            counts += self._counts(model, its_decisions, remaining_seconds)
        for metric, number, model, version in counts:
            count_of_version(metric, number, model, version)

    def _counts(
        self, model: str, decisions: Sequence[Decision], remaining_seconds: Callable[[], float]
    ) -> Iterator[Count]:
        target, of_champion = self._compared(model, decisions)
        if target is None or not of_champion or not in_time(remaining_seconds):
            return
        try:
            challenger = self._open(model, target)
        except (ArtifactError, ObjectNotFound) as error:
            _tell("model not loaded", model, error)
            yield names.NOT_OPENED, 1, model, target.version
            return
        verdicts = [
            agrees(challenger.opened, one)
            for one in sample(comparable(challenger.opened, of_champion))
            if in_time(remaining_seconds)
        ]
        yield names.COMPARED, len(verdicts), model, target.version
        yield names.DISAGREEMENTS, verdicts.count(False), model, target.version

    def _compared(self, model: str, decisions: Sequence[Decision]) -> tuple[Target | None, list[Decision]]:
        """Return the challenger, if there is one, and those of the decisions that are the champion's."""
        try:
            aliases, _ = read_aliases(self._store, model)
        except (ArtifactError, ObjectNotFound) as error:
            _tell("aliases not read", model, error)
            return None, []
        trial, champion = aliases.trial(self._environment), aliases.champion(self._environment)
        if trial is None or champion is None:
            return None, []
        return trial.target, [one for one in decisions if one.version == champion.version]

    def _load(self, model: str, target: Target) -> LoadedModel:
        return load(self._store, model, target, Stopwatch())


def in_time(remaining_seconds: Callable[[], float]) -> bool:
    """Say whether enough is left of the run to begin something."""
    return remaining_seconds() > limits.SHADOW_RESERVE_SECONDS


def _tell(what: str, model: str, error: Exception) -> None:
    logger.error(what, extra={"model": model, "problem": str(error)})
