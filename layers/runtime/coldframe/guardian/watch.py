"""One round of the guardian: every model's trial judged, and every champion that is new."""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from coldframe import limits
from coldframe.aliases import Aliases, Trial
from coldframe.changes import CHAMPION, PROMOTE, Note, Target, alias_name
from coldframe.errors import ArtifactError, ObjectNotFound
from coldframe.guardian.settings import Settings
from coldframe.guardian.sums import MetricSums, Window
from coldframe.guardian.verdict import Sums, Verdict, champion_fault, judge
from coldframe.metrics.cloudwatch import cloudwatch_client
from coldframe.registry import change, own_environment, read_aliases, read_manifest
from coldframe.store import Store

BY = "guardian"


@dataclass(frozen=True)
class Finding:
    """What the guardian made of one version: it goes into the log."""

    model: str
    version: str
    action: str
    why: str
    percent: int | None = None


class Guardian:
    """Watches the models of a store, in one environment."""

    def __init__(self, store: Store, sums: MetricSums, environment: str, settings: Settings) -> None:
        self._store, self._sums = store, sums
        self._environment, self._settings = environment, settings

    @classmethod
    def from_environment(cls) -> Self:
        """Make the guardian of MODEL_BUCKET, MODEL_ENVIRONMENT and the GUARDIAN_ variables."""
        store = Store.open(os.environ["MODEL_BUCKET"])
        sums = MetricSums(cloudwatch_client(), os.environ["POWERTOOLS_METRICS_NAMESPACE"])
        return cls(store, sums, own_environment(), Settings.from_environment())

    def round(self, now: datetime) -> Iterator[Finding]:
        """Judge what is to be judged, and act on it; a round that is repeated finds nothing more to do.

        A model whose documents are malformed is passed over, and said so. Raises botocore's errors,
        `ServiceUnavailable` and `StoreUnavailable`: the next round tries again.
        """
        for model in self._store.folders("models/"):
            try:
                aliases, _ = read_aliases(self._store, model)
                for finding in self._judge_champion(model, aliases, now):
                    yield finding
                    aliases, _ = read_aliases(self._store, model)  # what is live is another by now
                yield from self._judge_trial(model, aliases, now)
            except ObjectNotFound:
                continue  # a part of others, or a publish that was cut short
            except ArtifactError as error:
                yield Finding(model, "", "pass over", str(error))

    def _judge_champion(self, model: str, aliases: Aliases, now: datetime) -> Iterator[Finding]:
        """Go back from a champion that fails, if it is new: CloudWatch is paid for each time it is asked.

        One that was gone back to stays: else two bad versions would take turns.
        """
        line = aliases.line(self._environment)
        last = aliases.last_change(alias_name(CHAMPION, self._environment))
        if len(line) < 2 or last is None or last.action != PROMOTE:
            return
        since = datetime.fromisoformat(last.at)
        if now - since > timedelta(seconds=limits.GUARDIAN_CHAMPION_WATCH_SECONDS):
            return
        fault = champion_fault(
            self._of(model, line[0], Window.last(now, since, self._settings)), self._settings
        )
        if fault is None:
            return
        note = Note(_iso(now), BY, fault)

        def back(old: Aliases) -> Aliases:
            same = old.line(self._environment) == line
            return old.rolled_back(self._environment, line[1], note) if same else old

        change(self._store, model, back)
        yield Finding(model, line[0].version, "roll back", fault)

    def _judge_trial(self, model: str, aliases: Aliases, now: datetime) -> Iterator[Finding]:
        trial, champion = aliases.trial(self._environment), aliases.champion(self._environment)
        if trial is None or champion is None:
            return
        window = Window.last(now, datetime.fromisoformat(trial.since), self._settings)
        verdict = judge(
            trial.percent,
            window.seconds >= self._settings.window_seconds,
            *self._compared(model, champion, trial, window),
            self._settings,
        )
        self._act(model, champion, trial, verdict, now)
        yield Finding(model, trial.target.version, **asdict(verdict))

    def _compared(self, model: str, champion: Target, trial: Trial, window: Window) -> tuple[Sums, Sums]:
        if trial.percent == 0:
            return Sums(), self._sums.of_shadow(model, trial.target.version, window)
        return self._of(model, champion, window), self._of(model, trial.target, window)

    def _of(self, model: str, target: Target, window: Window) -> Sums:
        try:
            labels = read_manifest(self._store, model, target.version).labels
        except (ArtifactError, ObjectNotFound):
            labels = ()  # it cannot be opened either, which is counted
        return self._sums.of_version(model, target.version, labels, window, self._settings.slow_ms)

    def _act(self, model: str, champion: Target, trial: Trial, verdict: Verdict, now: datetime) -> None:
        """Change the aliases, if they are still those that were judged."""
        note = Note(_iso(now), BY, verdict.why)

        def edit(old: Aliases) -> Aliases:
            if (old.champion(self._environment), old.trial(self._environment)) != (champion, trial):
                return old
            if verdict.action == "withdraw":
                return old.withdrawn(self._environment, note)
            if verdict.action == "promote":
                return old.promoted(self._environment, trial.target, note)
            return old.tried(self._environment, trial.target, verdict.percent or 0, note)

        if verdict.action != "wait":
            change(self._store, model, edit)


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds")
