"""Where one model lives in an environment: loaded once, kept current, never left worse than it was."""

import os
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Literal, Self

from coldframe import limits
from coldframe.adopting import adopt_champion, adopt_trial
from coldframe.aliases import Aliases
from coldframe.changes import PRODUCTION, Target
from coldframe.errors import ArtifactError, ModelUnavailable, ObjectNotFound, StoreError
from coldframe.loading import LoadedModel, Stopwatch, load
from coldframe.registry import aliases_key, own_environment
from coldframe.store import Store, StoredObject
from coldframe.traffic import Inputs, Serving


@dataclass(frozen=True)
class LoadEvent:
    """What one attempt to load did, for metrics and logs: a version that opened, or why one did not."""

    version: str | None
    stages_ms: Mapping[str, float]
    problem: str | None = None


@dataclass(frozen=True)
class Health:
    """`degraded` means: answers come, but not from the versions that are named, or the store is away."""

    status: Literal["healthy", "degraded", "unavailable"]
    message: str
    model: LoadedModel | None


class ModelSlot:
    """Holds what is live of one model and re-reads its aliases at most every `refresh_seconds`.

    Loading happens on a thread: the first time so that it overlaps the imports of a cold start, later so that
    a slow store holds up no request for long. The new version is open before the old one is dropped.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        name: str,
        refresh_seconds: float = limits.ALIAS_REFRESH_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        environment: str = PRODUCTION,
    ) -> None:
        self.name = name
        self.events: deque[LoadEvent] = deque(maxlen=limits.LOAD_EVENTS_MAX_COUNT)
        self._open_store = open_store
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._environment = environment
        self._store: Store | None = None
        self._etag: str | None = None
        self._serving = Serving()
        self._away: str | None = None
        self._next_attempt = float("-inf")
        self._thread: Thread | None = None
        self._lock = Lock()

    @classmethod
    def from_environment(cls, name: str | None = None) -> Self:
        """Make the slot of MODEL_BUCKET, MODEL_ENVIRONMENT and ALIAS_REFRESH_SECONDS.

        It is MODEL_NAME's where no other model is named.
        """
        bucket = os.environ["MODEL_BUCKET"]
        refresh_seconds = float(os.environ.get("ALIAS_REFRESH_SECONDS", limits.ALIAS_REFRESH_SECONDS))
        name = name or os.environ["MODEL_NAME"]
        return cls(lambda: Store.open(bucket), name, refresh_seconds, environment=own_environment())

    def start(self) -> Self:
        """Begin an attempt to load or refresh, unless one is under way or it is too soon for another."""
        self._begin()
        return self

    def expire(self) -> None:
        """Have the next call read the alias again, by its ETag and over a new connection."""
        with self._lock:
            self._store = None
            self._next_attempt = float("-inf")

    def wait(self, seconds: float = limits.LOAD_WAIT_SECONDS) -> Self:
        """Wait for the attempt under way, for at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self

    def current(self, inputs: Inputs = ()) -> LoadedModel:
        """Return the model to answer with. Raises `ModelUnavailable` when waiting brought none.

        The call that begins a refresh waits for it: Lambda freezes the process at its answer, and a read that
        is frozen half-way has timed out by the next call. While a challenger is on trial, the request's key
        or else its inputs decide between it and the champion.
        """
        return self._there(self._current().answering(inputs))

    def look(self) -> LoadedModel:
        """Return what would answer, to be described: nothing is counted for it. Raises as `current` does."""
        return self._there(self._current().chosen())

    def _current(self) -> Serving:
        begun = self._begin()
        if self._serving.champion is None:
            self.wait()
        elif begun:
            self.wait(limits.REFRESH_WAIT_SECONDS)
        return self._serving

    def _there(self, model: LoadedModel | None) -> LoadedModel:
        if model is None:
            raise ModelUnavailable(self._problem() or f"{self.name} is still loading")
        return model

    def health(self) -> Health:
        """Say what is served, and what is wrong if anything is."""
        try:
            model = self.look()
        except ModelUnavailable as error:
            return Health("unavailable", str(error), None)
        if problem := self._problem():
            return Health("degraded", f"{problem}; serving {model.manifest.version}", model)
        return Health("healthy", f"serving {model.manifest.version}", model)

    def _begin(self) -> bool:
        with self._lock:
            idle = self._thread is None or not self._thread.is_alive()
            begins = idle and self._clock() >= self._next_attempt
            if begins:
                self._thread = Thread(target=self._attempt, name=f"load-{self.name}", daemon=True)
                self._thread.start()
        return begins

    def _problem(self) -> str | None:
        return self._away or "; ".join(self._serving.problems) or None

    def _attempt(self) -> None:
        try:
            self._refresh()
            self._away = None
        except Exception as error:  # noqa: BLE001 - on a thread nobody else would report it
            foreseen = isinstance(error, ArtifactError | StoreError)
            self._away = str(error) if foreseen else f"{self.name} cannot be loaded: {error!r}"
            self.events.append(LoadEvent(None, {}, self._away))
        finally:
            wait = limits.LOAD_RETRY_SECONDS if self._serving.champion is None else self._refresh_seconds
            self._next_attempt = self._clock() + wait

    def _refresh(self) -> None:
        watch = Stopwatch()
        self._store = self._store or self._open_store()
        with watch.stage("alias"):
            stored = self._changed_aliases(self._store)
        if stored is not None:
            self._adopt(self._store, Aliases.parse(stored.data), watch)
            self._etag = stored.etag

    def _changed_aliases(self, store: Store) -> StoredObject | None:
        sound = self._serving.champion and not self._serving.problems
        etag = self._etag if sound else None  # what was refused may be mended
        try:
            return store.get_if_changed(aliases_key(self.name), etag, limits.ALIASES_MAX_BYTES)
        except ObjectNotFound as error:
            raise ObjectNotFound(f"no version of {self.name} is published: publish one") from error

    def _adopt(self, store: Store, aliases: Aliases, watch: Stopwatch) -> None:
        def open_one(target: Target) -> LoadedModel:
            return self._load(store, target, watch)

        self._serving = adopt_champion(self._serving, aliases, self._environment, open_one)
        self._serving = adopt_trial(self._serving, aliases, self._environment, open_one)

    def _load(self, store: Store, target: Target, watch: Stopwatch) -> LoadedModel:
        own = Stopwatch(dict(watch.stages_ms))
        try:
            model = load(store, self.name, target, own)
        except (ArtifactError, ObjectNotFound) as error:
            problem = f"{target.version} is refused: {error}"
            self.events.append(LoadEvent(target.version, own.stages_ms, problem))
            raise
        self.events.append(LoadEvent(target.version, own.stages_ms))
        return model
