"""Models and versions told from a listing of the store, however many there are."""

from collections.abc import Iterator

import pytest

from coldframe import limits
from coldframe.catalog.listing import every_model, whole_versions
from coldframe.registry import aliases_key, manifest_key, version_prefix
from coldframe.store import Listed, Store
from tests import made


class Listing(Store):
    """A store that can be listed, and nothing else."""

    def __init__(self, store: Store) -> None:
        super().__init__(store._backend)
        self.prefixes: list[str] = []
        self.seen = 0

    def objects(self, prefix: str) -> Iterator[Listed]:
        self.prefixes.append(prefix)
        for one in super().objects(prefix):
            self.seen += 1
            yield one

    get = find = folders = None  # type: ignore[assignment]


@pytest.fixture
def store() -> Listing:
    return Listing(made.memory_store())


def stored(store: Store, *keys: str) -> None:
    for key in keys:
        store.create(key, b"")


def test_whole_versions_of_models_are_listed_in_order_and_nothing_else(store: Listing) -> None:
    versions = ("v1.10.0", "v1.9.0", "v0.0.1", "v10.0.0")
    stored(store, aliases_key("b"), *(manifest_key("b", one) for one in versions))
    stored(store, aliases_key("a"), aliases_key("c"), manifest_key("c", "v1.0.0"))
    stored(store, manifest_key("part", "v1.0.0"), manifest_key("b-longer", "v1.0.0"))
    stored(store, version_prefix("b", "v1.11.0") + "weights.npz", "models/b/history/1.json")
    stored(store, "models/b/v1.12.0/deeper/manifest.json", "models/b/V1/manifest.json", "models/readme.md")
    stored(store, aliases_key("No-Name"), manifest_key("No-Name", "v1.0.0"), "other/d/aliases.json")
    ordered = ["v0.0.1", "v1.9.0", "v1.10.0", "v10.0.0"]
    assert every_model(store) == {"a": [], "b": ordered, "c": ["v1.0.0"]}
    assert whole_versions(store, "b") == ordered
    assert whole_versions(store, "nobody") == []


def test_thousands_of_versions_take_one_listing_of_the_store(store: Listing) -> None:
    for name in ("one", "two"):
        stored(store, aliases_key(name), *(manifest_key(name, f"v1.0.{number}") for number in range(1_500)))
    assert {name: len(versions) for name, versions in every_model(store).items()} == {
        "one": 1_500,
        "two": 1_500,
    }
    assert store.prefixes == ["models/"]


def test_a_listing_ends_at_the_limit_and_says_so(
    store: Listing, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(limits, "CATALOG_OBJECTS_MAX_COUNT", 4)
    stored(store, aliases_key("a"), *(manifest_key("a", f"v1.0.{number}") for number in range(3)))
    assert len(every_model(store)["a"]) == 3
    assert not caplog.records
    stored(store, *(manifest_key("a", f"v1.0.{number}") for number in range(3, 99)))
    assert len(every_model(store)["a"]) == 3
    assert store.seen == 4 + 5
    assert [one.message for one in caplog.records] == ["not all is listed"]
