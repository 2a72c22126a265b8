from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from unittest.mock import ANY

import pytest

from coldframe import limits
from coldframe.aliases import Aliases
from coldframe.changes import PRODUCTION, STAGING, Target
from coldframe.errors import (
    IntegrityError,
    ManifestError,
    ObjectNotFound,
    PreconditionFailed,
    VersionTaken,
)
from coldframe.registry import (
    aliases_key,
    is_live,
    live_names,
    make_champion,
    manifest_key,
    read_aliases,
    read_history,
)
from coldframe.store import Store, StoredObject
from models.forge.publish import publish
from tests import made

NOTE = made.NOTE


def target(number: int) -> Target:
    return Target(f"v{number}.0.0", f"{number:064x}")


def test_the_document_reads_back_as_it_was_written() -> None:
    document = Aliases().promoted("production", target(1), NOTE).tried("production", target(2), 5, NOTE)
    assert Aliases.parse(document.to_bytes()) == document


def test_candidates_are_the_live_version_and_then_those_before_it() -> None:
    document = Aliases()
    for number in (1, 2, 3, 2):
        document = document.promoted("production", target(number), NOTE)
    assert document.line("production") == [target(2), target(3), target(1)]
    assert document.line("staging") == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"aliases": [], "history": [], "revision": 1}',
        b'{"aliases": {}, "history": [], "revision": 1e999}',
        b"[" * 99_999,
    ],
)
def test_a_malformed_document_is_refused(data: bytes) -> None:
    with pytest.raises(ManifestError):
        Aliases.parse(data)


def test_pointing_where_it_points_already_changes_nothing() -> None:
    store = made.memory_store()
    first = make_champion(store, "sentiment", target(1), NOTE)
    assert make_champion(store, "sentiment", target(1), NOTE) == first


def test_trimmed_history_is_kept_elsewhere() -> None:
    store = made.memory_store()
    extra = 30
    for number in range(limits.ALIAS_HISTORY_MAX_COUNT + extra):
        make_champion(store, "sentiment", target(number), NOTE)
    document, _ = read_aliases(store, "sentiment")
    assert len(document.history) >= limits.ALIAS_HISTORY_MAX_COUNT
    assert len(document.history) < limits.ALIAS_HISTORY_MAX_COUNT + limits.ALIAS_HISTORY_STEP_COUNT
    assert [one.revision for one in read_history(store, "sentiment")] == list(
        range(1, limits.ALIAS_HISTORY_MAX_COUNT + extra + 1)
    )


def test_no_change_is_lost_when_many_write_at_once() -> None:
    store, writers, each = made.memory_store(), 4, 10

    def write(writer: int) -> None:
        for number in range(each):
            make_champion(store, "sentiment", target(100 * writer + number), NOTE)

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))
    document, _ = read_aliases(store, "sentiment")
    assert document.revision == writers * each
    assert [one.revision for one in document.history] == list(range(1, writers * each + 1))
    told = {one.after for one in document.history}
    assert told == {target(100 * writer + number) for writer in range(writers) for number in range(each)}


def test_publishing_twice_is_publishing_once() -> None:
    store = made.memory_store()
    assert made.published(store, "v1.0.0") == made.published(store, "v1.0.0")
    assert read_aliases(store, "sentiment")[0].revision == 1


def test_a_version_never_changes() -> None:
    store = made.memory_store()
    made.published(store, "v1.0.0", seed=0)
    with pytest.raises(VersionTaken, match="--version"):
        made.published(store, "v1.0.0", seed=1)


def test_files_that_are_not_the_manifests_are_not_published() -> None:
    store = made.memory_store()
    with pytest.raises(IntegrityError):
        publish(store, made.manifest("v1.0.0", made.weights(0)), {"weights.npz": made.weights(1)}, made.NOTE)
    assert store.folders("models/sentiment") == []


class Dying(Store):
    """A store whose process dies at the n-th write."""

    def __init__(self, store: Store, writes: int) -> None:
        super().__init__(store._backend)
        self.writes = writes

    def create(self, key: str, data: bytes) -> None:
        if self.writes == 0:
            raise KeyboardInterrupt
        self.writes -= 1
        super().create(key, data)


@pytest.mark.parametrize("writes", range(3))
def test_a_publish_that_died_is_completed_by_the_next(writes: int) -> None:
    store = made.memory_store()
    with pytest.raises(KeyboardInterrupt):
        made.published(Dying(store, writes), "v1.0.0")
    with pytest.raises(ObjectNotFound):
        read_aliases(store, "sentiment")
    made.published(store, "v1.0.0")
    assert read_aliases(store, "sentiment")[0].champion() == Target("v1.0.0", ANY)


def test_conditional_writes_are_honoured() -> None:
    store = made.memory_store()
    store.create("a", b"1")
    with pytest.raises(PreconditionFailed):
        store.create("a", b"2")
    etag = store.get("a", 10).etag
    assert store.get_if_changed("a", etag, 10) is None
    store.replace("a", b"3", etag)
    with pytest.raises(PreconditionFailed):
        store.replace("a", b"4", etag)
    assert store.get("a", 10).data == b"3"
    with pytest.raises(IntegrityError, match="allowed"):
        store.get("a", 0)
    assert aliases_key("m") == "models/m/aliases.json"
    assert manifest_key("m", "v1.0.0") == "models/m/v1.0.0/manifest.json"


def test_live_are_those_with_a_champion_whatever_becomes_of_others() -> None:
    store = made.memory_store()
    for number, name in enumerate(("last", "first", "staged")):
        environment = STAGING if name == "staged" else PRODUCTION
        make_champion(store, name, target(number), NOTE, environment)
    store.create(aliases_key("broken"), b"{")
    store.create(manifest_key("part", "v1.0.0"), b"{}")
    assert live_names(store) == ["first", "last"]
    assert live_names(store, STAGING) == ["staged"]
    assert not is_live(store, "broken")
    with pytest.raises(ManifestError):
        read_aliases(store, "broken")


def test_alias_documents_are_read_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    store, names = made.memory_store(), [f"model-{number}" for number in range(4)]
    for name in names:
        make_champion(store, name, target(1), NOTE)
    together = Barrier(len(names), timeout=10)
    get = Store.get

    def meeting(self: Store, key: str, max_bytes: int) -> StoredObject:
        together.wait()
        return get(self, key, max_bytes)

    monkeypatch.setattr(Store, "get", meeting)
    assert live_names(store) == names
