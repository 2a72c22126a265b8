from collections.abc import Callable
from dataclasses import replace
from threading import Event

import pytest

from coldframe import limits
from coldframe.errors import ModelUnavailable, StoreUnavailable
from coldframe.registry import aliases_key, read_aliases, version_prefix
from coldframe.slot import ModelSlot
from coldframe.store import Store, StoredObject
from tests import made


class Clock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Flaky(Store):
    """A store that can go away, and whose objects' bytes can be changed on the way."""

    def __init__(self, store: Store) -> None:
        super().__init__(store._backend)
        self.away = False
        self.reads = 0
        self.tamper: Callable[[str, bytes], bytes] = lambda _, data: data

    def get_if_changed(self, key: str, etag: str | None, max_bytes: int) -> StoredObject | None:
        self._count()
        return super().get_if_changed(key, etag, max_bytes)

    def get(self, key: str, max_bytes: int) -> StoredObject:
        self._count()
        stored = super().get(key, max_bytes)
        return StoredObject(self.tamper(key, stored.data), stored.etag)

    def _count(self) -> None:
        self.reads += 1
        if self.away:
            raise StoreUnavailable("the object store did not answer")


@pytest.fixture
def store() -> Flaky:
    return Flaky(made.memory_store())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slot(store: Flaky, clock: Clock) -> ModelSlot:
    return ModelSlot(lambda: store, "sentiment", refresh_seconds=30, clock=clock)


def served(slot: ModelSlot) -> str:
    """The version that is served once the attempt that is due has ended."""
    slot.start().wait()
    return slot.current().manifest.version


def test_the_champion_is_served_and_its_load_is_measured(store: Store, slot: ModelSlot) -> None:
    made.published(store, "v1.0.0")
    assert served(slot) == "v1.0.0"
    assert slot.health().status == "healthy"
    assert set(slot.events.popleft().stages_ms) == {"alias", "manifest", "files", "open"}


def test_a_promotion_is_seen_after_the_interval_and_not_before(
    store: Flaky, slot: ModelSlot, clock: Clock
) -> None:
    made.published(store, "v1.0.0")
    assert served(slot) == "v1.0.0"
    made.published(store, "v1.1.0", seed=1)
    reads = store.reads
    clock.now = 29.9
    assert served(slot) == "v1.0.0"
    assert store.reads == reads
    clock.now = 30.0
    assert served(slot) == "v1.1.0"


def test_the_call_that_is_due_for_a_refresh_answers_with_what_it_finds(
    store: Flaky, slot: ModelSlot, clock: Clock
) -> None:
    made.published(store, "v1.0.0")
    served(slot)
    made.published(store, "v1.1.0", seed=1)
    clock.now = 30.0
    assert slot.current().manifest.version == "v1.1.0"  # the process may be frozen from here on


def test_a_slow_refresh_holds_up_one_call_and_no_other(
    store: Flaky, slot: ModelSlot, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.published(store, "v1.0.0")
    served(slot)
    made.published(store, "v1.1.0", seed=1)
    answers = Event()

    def late(_: str, data: bytes) -> bytes:
        assert answers.wait(60)
        return data

    store.tamper = late
    waits: list[float] = []
    monkeypatch.setattr(slot, "wait", waits.append)
    clock.now = 30.0
    assert [slot.current().manifest.version for _ in range(3)] == ["v1.0.0"] * 3
    assert waits == [limits.REFRESH_WAIT_SECONDS]
    monkeypatch.undo()
    answers.set()
    assert served(slot) == "v1.1.0"


def test_an_unchanged_alias_costs_one_conditional_read(store: Flaky, slot: ModelSlot, clock: Clock) -> None:
    made.published(store, "v1.0.0")
    served(slot)
    reads = store.reads
    clock.now = 30.0
    served(slot)
    assert store.reads == reads + 1


def test_a_warm_slot_keeps_its_version_when_the_new_one_is_not_fit(
    store: Flaky, slot: ModelSlot, clock: Clock
) -> None:
    made.published(store, "v1.0.0")
    served(slot)
    made.published(store, "v1.1.0", seed=1)
    store.tamper = lambda key, data: data[:-1] + b"!" if key.endswith("v1.1.0/weights.npz") else data
    clock.now = 30.0
    assert served(slot) == "v1.0.0"
    health = slot.health()
    assert health.status == "degraded"
    assert "v1.1.0 is refused" in health.message
    assert "SHA-256" in health.message
    assert [event.problem is None for event in slot.events] == [True, False]


def test_a_version_that_was_refused_is_served_once_it_is_mended(
    store: Flaky, slot: ModelSlot, clock: Clock
) -> None:
    made.published(store, "v1.0.0")
    made.published(store, "v1.1.0", seed=1)
    store.tamper = lambda key, data: data[:-1] if "v1.1.0" in key else data
    assert served(slot) == "v1.0.0"
    store.tamper, clock.now = lambda _, data: data, 30.0
    assert served(slot) == "v1.1.0"
    assert slot.health().status == "healthy"


def test_a_cold_slot_falls_back_to_the_version_before(store: Flaky, slot: ModelSlot) -> None:
    made.published(store, "v1.0.0")
    made.published(store, "v1.1.0", seed=1)
    store.tamper = lambda key, data: data[:-1] if "v1.1.0" in key else data
    assert served(slot) == "v1.0.0"
    assert slot.health().status == "degraded"
    refused, opened = slot.events
    assert set(refused.stages_ms) == {"alias", "manifest"}
    assert set(opened.stages_ms) == {"alias", "manifest", "files", "open"}


def test_any_flipped_byte_is_refused(store: Flaky, clock: Clock) -> None:
    made.published(store, "v1.0.0")
    made.published(store, "v1.1.0", seed=1)
    sizes = {
        key: len(store.get(key, 1_000_000).data)
        for key in (version_prefix("sentiment", "v1.1.0") + name for name in ("manifest.json", "weights.npz"))
    }
    for key, size in sizes.items():
        for at in range(0, size, max(1, size // 50)):
            store.tamper = (
                lambda k, data, key=key, at=at: (  # type: ignore[misc]
                    data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :] if k == key else data
                )
            )
            slot = ModelSlot(lambda: store, "sentiment", clock=clock)
            assert served(slot) == "v1.0.0", (key, at)


def test_a_missing_file_is_a_refusal(store: Flaky, slot: ModelSlot) -> None:
    made.published(store, "v1.0.0")
    target = made.published(store, "v1.1.0", seed=1)
    import obstore

    obstore.delete(store._backend, version_prefix("sentiment", target.version) + "weights.npz")
    assert served(slot) == "v1.0.0"


@pytest.mark.parametrize("version", ["/1.1.0", "..", "v1.1.0/", "v1/../1", ""])
def test_an_alias_to_what_is_no_version_is_a_refusal(store: Flaky, slot: ModelSlot, version: str) -> None:
    made.published(store, "v1.0.0")
    target = made.published(store, "v1.1.0", seed=1)
    aliases, etag = read_aliases(store, "sentiment")
    bad = aliases.promoted("production", replace(target, version=version), made.NOTE)
    store.replace(aliases_key("sentiment"), bad.to_bytes(), etag)
    assert served(slot) == "v1.1.0"
    assert slot.health().status == "degraded"


def test_what_nobody_foresaw_is_reported_and_tried_again(store: Flaky, slot: ModelSlot, clock: Clock) -> None:
    made.published(store, "v1.0.0")

    def broken(_: str, data: bytes) -> bytes:
        raise ZeroDivisionError

    store.tamper = broken
    with pytest.raises(ModelUnavailable, match="ZeroDivisionError"):
        slot.current()
    assert [event.problem for event in slot.events] == ["sentiment cannot be loaded: ZeroDivisionError()"]
    store.tamper, clock.now = lambda _, data: data, 1.0
    assert served(slot) == "v1.0.0"
    assert slot.health().status == "healthy"


def test_when_the_store_is_away_the_loaded_version_goes_on(
    store: Flaky, slot: ModelSlot, clock: Clock
) -> None:
    made.published(store, "v1.0.0")
    served(slot)
    store.away, clock.now = True, 30.0
    assert served(slot) == "v1.0.0"
    assert slot.health().status == "degraded"
    store.away, clock.now = False, 60.0
    served(slot)
    assert slot.health().status == "healthy"


def test_a_store_that_is_away_at_first_is_found_later(store: Flaky, slot: ModelSlot, clock: Clock) -> None:
    made.published(store, "v1.0.0")
    store.away = True
    with pytest.raises(ModelUnavailable, match="did not answer"):
        served(slot)
    assert slot.health().status == "unavailable"
    store.away, clock.now = False, 1.0
    assert served(slot) == "v1.0.0"


def test_retries_are_not_a_storm(store: Flaky, slot: ModelSlot) -> None:
    store.away = True
    for _ in range(5):
        with pytest.raises(ModelUnavailable):
            slot.current()
    assert store.reads == 1


def test_nothing_published_says_so(slot: ModelSlot) -> None:
    with pytest.raises(ModelUnavailable, match="publish one"):
        slot.current()


def test_all_versions_bad_is_unavailable_until_one_is_mended(
    store: Flaky, slot: ModelSlot, clock: Clock
) -> None:
    made.published(store, "v1.0.0")
    store.tamper = lambda key, data: data[:-1] if key.endswith(".npz") else data
    with pytest.raises(ModelUnavailable, match=r"v1\.0\.0 is refused"):
        slot.current()
    store.tamper, clock.now = lambda _, data: data, 1.0
    assert served(slot) == "v1.0.0"
