"""`coldframe gc` cut short anywhere, and beside promotions and publications that come between."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from coldframe import limits
from coldframe.changes import Target
from coldframe.errors import ChangeRefused, ManifestError, ObjectNotFound
from coldframe.loading import Stopwatch, fetch
from coldframe.manifest import FileEntry
from coldframe.registry import (
    aliases_key,
    make_champion,
    manifest_key,
    published_versions,
    read_aliases,
    version_prefix,
)
from coldframe.store import Listed, Store, StoredObject
from models.forge.collect import Outcome, collectable, remove
from models.forge.promote import promote, start_trial, target_of
from models.forge.publish import publish
from models.forge.rollback import roll_back
from tests import made

NEXT_MONTH = datetime.now(UTC) + timedelta(days=30)
CALLS_MAX_COUNT = 100


class Interrupted(Store):
    """A store at whose n-th call something else happens first."""

    def __init__(self, store: Store, at: int, then: Callable[[], object]) -> None:
        super().__init__(store._backend)
        self.calls, self.at, self.then = count(), at, then

    def find(self, key: str) -> Listed | None:
        self._count()
        return super().find(key)

    def get(self, key: str, max_bytes: int) -> StoredObject:
        self._count()
        return super().get(key, max_bytes)

    def create(self, key: str, data: bytes) -> None:
        self._count()
        super().create(key, data)

    def replace(self, key: str, data: bytes, etag: str) -> None:
        self._count()
        super().replace(key, data, etag)

    def objects(self, prefix: str) -> Iterator[Listed]:
        self._count()
        return super().objects(prefix)

    def delete(self, key: str) -> None:
        self._count()
        super().delete(key)

    def _count(self) -> None:
        if next(self.calls) == self.at:
            self.then()


def die() -> None:
    raise KeyboardInterrupt


def stocked() -> Store:
    """A champion, one that nothing needs, the newest, and an upload that was cut short."""
    store = made.memory_store()
    for seed, version in enumerate(("v1.0.0", "v1.1.0", "v1.2.0")):
        add(store, version, seed)
    store.create(f"{version_prefix('sentiment', 'v0.9.0')}weights.npz", b"half of it")
    return store


def long_ago() -> Store:
    """The same, where the one that nothing needs was live so long ago that only the whole history knows."""
    store, nobody = stocked(), Target("v0.1.0", "0" * 64)
    first = target_of(store, "sentiment", "v1.0.0")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "ALIAS_HISTORY_MAX_COUNT", 1)
        patch.setattr(limits, "ALIAS_HISTORY_STEP_COUNT", 1)
        for target in (target_of(store, "sentiment", "v1.1.0"), *(nobody, first) * 6):
            make_champion(store, "sentiment", target, made.NOTE)
    return store


def add(store: Store, version: str, seed: int = 0, name: str = "sentiment", owner: str = "") -> None:
    data = made.weights(seed)
    entry = replace(FileEntry.of("weights.npz", data), owner=owner)
    manifest = replace(made.manifest(version, data), name=name, files=(entry,))
    publish(store, manifest, {"weights.npz": data}, made.NOTE)


def collect(store: Store, now: datetime = NEXT_MONTH) -> list[Outcome]:
    return list(remove(store, collectable(store, now)))


def is_whole(store: Store, version: str, name: str = "sentiment") -> bool:
    try:
        fetch(store, name, target_of(store, name, version), Stopwatch())
    except ObjectNotFound:
        return False
    return True


def assert_no_half(store: Store) -> None:
    """What has a manifest has its files; what is live has a manifest."""
    for version in published_versions(store, "sentiment"):
        try:
            store.get(manifest_key("sentiment", version), 10**6)
        except ObjectNotFound:
            continue
        assert is_whole(store, version)
    for target in read_aliases(store, "sentiment")[0].aliases.values():
        fetch(store, "sentiment", target, Stopwatch())


def test_what_nothing_needs_goes_and_the_rest_stays() -> None:
    store = stocked()
    found = collectable(store, NEXT_MONTH)
    assert [one.stocked.version for one in found] == ["v0.9.0", "v1.1.0"]
    assert [one.stocked.bytes for one in found] == [10, sum(map(len_of(store), objects(store, "v1.1.0")))]
    assert "incomplete" in found[0].why
    assert [outcome.kept for outcome in collect(store)] == ["", ""]
    assert published_versions(store, "sentiment") == ["v1.0.0", "v1.2.0"]
    assert collect(store) == []
    assert_no_half(store)


def objects(store: Store, version: str) -> list[Listed]:
    return list(store.objects(version_prefix("sentiment", version)))


def len_of(store: Store) -> Callable[[Listed], int]:
    return lambda one: len(store.get(one.key, 10**7).data)


def test_what_is_young_stays() -> None:
    store = stocked()
    assert collect(store, datetime.now(UTC)) == []
    in_two_days = datetime.now(UTC) + timedelta(days=2)
    assert [one.stocked.version for one in collectable(store, in_two_days)] == ["v0.9.0"]


def test_one_model_is_collected_alone() -> None:
    store = stocked()
    for number in range(2):
        add(store, f"v1.{number}.0", number, "moderation2")
    assert [one.stocked.name for one in collectable(store, NEXT_MONTH, "moderation2")] == []
    assert {one.stocked.name for one in collectable(store, NEXT_MONTH, "sentiment")} == {"sentiment"}


def test_what_a_rollback_may_reach_stays() -> None:
    store = stocked()
    for version in ("v1.1.0", "v1.2.0"):
        promote(store, "sentiment", version, "production", made.NOTE)
    collect(store)
    roll_back(store, "sentiment", "production", made.NOTE, steps=2)
    assert_no_half(store)


def test_a_version_that_cannot_be_read_stops_it() -> None:
    store = stocked()
    store.create(manifest_key("other", "v1.0.0"), b"{}")
    with pytest.raises(ManifestError, match=r"other v1\.0\.0 cannot be read"):
        collectable(store, NEXT_MONTH)


def test_borrowed_files_stay_also_where_their_owner_has_no_manifest() -> None:
    store = stocked()
    for version in ("v1.0.0", "v1.1.0"):
        add(store, version, name="parts")
    store.delete(aliases_key("parts"))
    add(store, "v2.0.0", owner="parts/v1.0.0")
    add(store, "v2.1.0", owner="bare/v1.0.0")
    assert owners(store) == {f"sentiment/v{number}.0" for number in ("0.9", "1.1", "1.2", "2.0")}
    collect(store)
    assert owners(store) == {"parts/v1.0.0"}  # who borrowed from it is gone by now
    assert is_whole(store, "v2.1.0")


def owners(store: Store) -> set[str]:
    return {one.stocked.owner for one in collectable(store, NEXT_MONTH)}


def test_killed_at_any_call_it_leaves_no_half_version_and_the_next_run_completes_it() -> None:
    for call in range(CALLS_MAX_COUNT):
        store = stocked()
        try:
            collect(Interrupted(store, call, die))
        except KeyboardInterrupt:
            assert_no_half(store)
            collect(store)
        else:
            break
        assert published_versions(store, "sentiment") == ["v1.0.0", "v1.2.0"]
        assert_no_half(store)
    assert 10 < call < CALLS_MAX_COUNT - 1


def promoted(store: Store) -> None:
    promote(store, "sentiment", "v1.1.0", "production", made.NOTE)


def tried(store: Store) -> None:
    start_trial(store, "sentiment", "v1.1.0", 5, "production", made.NOTE)


def rolled_back(store: Store) -> None:
    roll_back(store, "sentiment", "production", made.NOTE, to="v1.1.0")


CHANGES = ((promoted, stocked), (tried, stocked), (rolled_back, long_ago))


@pytest.mark.parametrize(("made_live", "filled"), CHANGES)
def test_a_version_made_live_at_any_call_stays_or_is_not_made_live(
    made_live: Callable[[Store], None], filled: Callable[[], Store]
) -> None:
    seen = set()
    for call in range(CALLS_MAX_COUNT):
        store = filled()
        refused: list[bool] = []

        def between(store: Store = store, refused: list[bool] = refused) -> None:
            refused.append(is_refused(made_live, store))

        collect(Interrupted(store, call, between))
        if not refused:
            break
        assert_no_half(store)
        names = {target.version for target in read_aliases(store, "sentiment")[0].aliases.values()}
        assert ("v1.1.0" in names) is not refused[0]
        seen.add(refused[0])
    assert seen == {True, False}


@pytest.mark.parametrize(("made_live", "filled"), CHANGES)
def test_collecting_at_any_call_of_a_change_breaks_nothing_live(
    made_live: Callable[[Store], None], filled: Callable[[], Store]
) -> None:
    seen = set()
    for call in range(CALLS_MAX_COUNT):
        store = filled()
        ran: list[bool] = []

        def between(store: Store = store, ran: list[bool] = ran) -> None:
            ran.append(bool(collect(store)))

        refused = is_refused(made_live, Interrupted(store, call, between))
        if not ran:
            break
        assert_no_half(store)
        names = {target.version for target in read_aliases(store, "sentiment")[0].aliases.values()}
        assert names == ({"v1.0.0"} if refused else names | {"v1.1.0"})
        seen.add(refused)
    assert seen == {True, False}


def is_refused(made_live: Callable[[Store], None], store: Store) -> bool:
    try:
        made_live(store)
    except (ChangeRefused, ObjectNotFound):
        return True
    return False


def test_a_borrower_published_at_any_call_is_whole_or_refused_until_it_is_published_again() -> None:
    seen = set()
    for call in range(CALLS_MAX_COUNT):
        store = stocked()
        ran: list[bool] = []
        for version in ("v1.0.0", "v1.1.0"):
            add(store, version, name="parts")
        store.delete(aliases_key("parts"))  # nothing names v1.0.0 of them

        def between(store: Store = store, ran: list[bool] = ran) -> None:
            ran.append(True)
            add(store, "v2.0.0", owner="parts/v1.0.0")

        collect(Interrupted(store, call, between))
        if not ran:
            break
        whole = is_whole(store, "v2.0.0")
        seen.add(whole)
        if not whole:
            with pytest.raises(ChangeRefused):
                promote(store, "sentiment", "v2.0.0", "production", made.NOTE)
            add(store, "v2.0.0", owner="parts/v1.0.0")
        promote(store, "sentiment", "v2.0.0", "production", made.NOTE)
        assert is_whole(store, "v2.0.0")
    assert True in seen


@pytest.mark.parametrize("version", ["v1.1.0", "v0.9.0"])
def test_a_version_published_again_at_any_call_is_whole_once_it_is_published_once_more(version: str) -> None:
    for call in range(CALLS_MAX_COUNT):
        store = made.memory_store()
        for seed, there in enumerate(("v1.0.0", "v1.1.0", "v1.2.0")):
            add(store, there, seed)
        store.create(f"{version_prefix('sentiment', 'v0.9.0')}weights.npz", made.weights(1))
        ran: list[bool] = []

        def between(store: Store = store, ran: list[bool] = ran) -> None:
            ran.append(True)
            add(store, version, 1)

        outcomes = {one.stocked.version: one.kept for one in collect(Interrupted(store, call, between))}
        if not ran:
            break
        if version in published_versions(store, "sentiment") and not is_whole(store, version):
            with pytest.raises(ChangeRefused):
                promote(store, "sentiment", version, "production", made.NOTE)
            assert "publish it once more" in outcomes[version]
        add(store, version, 1)
        promote(store, "sentiment", version, "production", made.NOTE)
        assert_no_half(store)


def test_what_was_promoted_since_the_list_was_made_is_kept() -> None:
    store = stocked()
    found = collectable(store, NEXT_MONTH)
    promoted(store)
    assert [outcome.kept for outcome in remove(store, found)] == ["", "an alias or a change names it by now"]
    assert_no_half(store)
