"""What a restored environment forgets. The restore is played: hooks are called as Lambda's runtime does."""

import random
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
import snapshot_restore_py

from coldframe import cold_start
from coldframe.registry import aliases_key
from coldframe.slot import ModelSlot
from coldframe.store import Store, StoredObject
from tests import made
from tests.handlers import ROOT

INITIALIZATION = "AWS_LAMBDA_INITIALIZATION_TYPE"


class Noting(Store):
    """A store that notes which ETag each read of the alias names."""

    def __init__(self, store: Store, etags: list[str | None]) -> None:
        super().__init__(store._backend)
        self._etags = etags

    def get_if_changed(self, key: str, etag: str | None, max_bytes: int) -> StoredObject | None:
        assert key == aliases_key("sentiment")
        self._etags.append(etag)
        return super().get_if_changed(key, etag, max_bytes)


@pytest.fixture(autouse=True)
def no_hooks_before_or_after() -> Iterator[None]:
    registry = snapshot_restore_py.get_after_restore()
    registry.clear()
    yield
    registry.clear()


def restore() -> None:
    """As awslambdaric does it."""
    for function, args, kwargs in snapshot_restore_py.get_after_restore():
        function(*args, **kwargs)


def test_the_first_call_after_a_restore_reads_the_alias_again_over_a_new_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(INITIALIZATION, "snap-start")
    store = made.memory_store()
    opened: list[Store] = []
    etags: list[str | None] = []

    def open_store() -> Store:
        opened.append(Noting(store, etags))
        return opened[-1]

    made.published(store, "v1.0.0")
    slot = ModelSlot(open_store, "sentiment", refresh_seconds=3600).start()
    cold_start.end(slot)
    made.published(store, "v2.0.0")
    assert slot.current().target.version == "v1.0.0"
    restore()
    assert slot.current().target.version == "v2.0.0"
    assert len(opened) == 2
    assert etags[0] is None
    assert etags[1] is not None


def test_environments_of_one_snapshot_draw_different_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INITIALIZATION, "snap-start")
    cold_start.end(None)
    python, numpy = random.getstate(), np.random.get_state()
    drawn = set()
    for _ in range(5):
        random.setstate(python)
        np.random.set_state(numpy)
        restore()
        drawn |= {random.random(), float(np.random.random())}
    assert len(drawn) == 10


@pytest.mark.parametrize("initialization", ["on-demand", "provisioned-concurrency", None])
def test_without_snapstart_nothing_is_registered(
    initialization: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(INITIALIZATION, raising=False)
    if initialization:
        monkeypatch.setenv(INITIALIZATION, initialization)
    cold_start.end(None)
    assert snapshot_restore_py.get_after_restore() == []


@pytest.mark.parametrize(("initialization", "imported"), [("on-demand", False), ("snap-start", True)])
def test_only_snapstart_imports_what_it_takes(
    initialization: str, imported: bool, lambda_environment: dict[str, str]
) -> None:
    program = (
        "import sys, app; print({'snapshot_restore_py', 'coldframe.snapstart'} & sys.modules.keys() != set())"
    )
    variables = {**lambda_environment, INITIALIZATION: initialization}
    path = f"{ROOT / 'functions/sentiment'}:{ROOT / 'layers/runtime'}"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=variables | {"PYTHONPATH": path},
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.split()[-1] == str(imported)
