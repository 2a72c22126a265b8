"""What the challenger says of inputs that the champion has answered."""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Self

from coldframe import limits
from coldframe.aliases import Target
from coldframe.errors import ArtifactError, ObjectNotFound
from coldframe.loading import LoadedModel, Stopwatch, load
from coldframe.metrics import names
from coldframe.predictor import Answering
from coldframe.registry import own_environment, read_aliases
from coldframe.shadow.events import Decision
from coldframe.store import Store
from coldframe.telemetry import count_of_version, logger


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

    def score(self, decisions: Iterable[Decision]) -> None:
        """Compare what there is a challenger for. Raises `StoreUnavailable`: the lines come again."""
        by_model: dict[str, list[Decision]] = defaultdict(list)
        for decision in decisions:
            by_model[decision.model].append(decision)
        for model, its_decisions in by_model.items():
            self._compare(model, its_decisions)

    def _compare(self, model: str, decisions: Sequence[Decision]) -> None:
        aliases, _ = read_aliases(self._store, model)
        trial, champion = aliases.trial(self._environment), aliases.champion(self._environment)
        if trial is None or champion is None:
            return
        opened = self._challenger(model, trial.target)
        if opened is None:
            return
        compared = [one for one in decisions if one.version == champion.version]
        disagreements = sum(not agrees(opened, one) for one in compared)
        version = trial.target.version
        count_of_version(names.COMPARED, len(compared), model, version)
        count_of_version(names.DISAGREEMENTS, disagreements, model, version)

    def _challenger(self, model: str, target: Target) -> Answering | None:
        try:
            return self._open(model, target).opened
        except (ArtifactError, ObjectNotFound) as error:
            count_of_version(names.NOT_OPENED, 1, model, target.version)
            logger.error("model not loaded", extra={"model": model, "problem": str(error)})
            return None

    def _load(self, model: str, target: Target) -> LoadedModel:
        return load(self._store, model, target, Stopwatch())


def agrees(opened: Answering, decision: Decision) -> bool:
    """Say whether a version gives the input the label that it got; one that fails on it does not."""
    try:
        ((words, _numbers),) = opened.rows([decision.item])
    except Exception:  # noqa: BLE001 - whatever it is, no request has met it
        logger.exception("the challenger failed", extra={"model": decision.model})
        return False
    return words[-1] == decision.columns.get(opened.columns[len(words) - 1])
