"""Many promote and roll back at once, over HTTP: each change is there once, and follows from the last."""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import boto3
import pytest

from coldframe import limits
from coldframe.aliases import Aliases
from coldframe.changes import CHALLENGER, CHAMPION, PRODUCTION, Change, Note, Target, champions
from coldframe.errors import ObjectNotFound
from coldframe.registry import aliases_key, change, read_aliases, read_history
from coldframe.store import Store
from infra.local.aws import RUN_AWS
from infra.local.ports import listen, port_of
from tests.handlers import variables

WRITERS_COUNT = 32
OPERATIONS_COUNT = 2_016  # 63 of each
NAME = "sentiment"
READ_SECONDS = 0.1
BUCKET = "races"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of an S3 in a process of its own: writers that share one with it wait for each other there."""
    with listen(0, "S3") as listener:
        port = port_of(listener)
        command = [sys.executable, "-P", str(RUN_AWS), str(os.getpid()), str(listener.fileno()), str(port)]
        process = subprocess.Popen(command, pass_fds=[listener.fileno()])
    for name, value in variables(f"http://127.0.0.1:{port}", BUCKET).items():
        monkeypatch.setenv(name, value)
    try:
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield BUCKET
    finally:
        process.kill()
        process.wait()


def target(number: int) -> Target:
    return Target(f"v{number}.0.0", f"{number:064x}")


def note(writer: int, number: int) -> Note:
    at = f"2026-01-01T00:{number // 60:02d}:{number % 60:02d}.000+00:00"
    return Note(at, f"writer {writer}", f"{writer}/{number}")


class Reader(threading.Thread):
    """Reads the document over and over, as warm environments do; whatever it gets has to be whole."""

    def __init__(self, bucket: str) -> None:
        super().__init__()
        self.store, self.stopped, self.revisions = Store.open(bucket), threading.Event(), [0]

    def run(self) -> None:
        while not self.stopped.wait(READ_SECONDS):
            try:
                document = Aliases.parse(self.store.get(aliases_key(NAME), limits.ALIASES_MAX_BYTES).data)
            except ObjectNotFound:
                continue
            assert document.revision >= self.revisions[-1]
            assert not document.history or document.history[-1].revision == document.revision
            self.revisions.append(document.revision)


def write(bucket: str, writer: int) -> list[int]:
    """Promote, try and roll back in turns; return the revisions that these made."""
    store, made = Store.open(bucket), []
    for number in range(OPERATIONS_COUNT // WRITERS_COUNT):
        one, said = target(writer * 1_000 + number), note(writer, number)

        def edit(old: Aliases, one: Target = one, said: Note = said, number: int = number) -> Aliases:
            line = old.line()
            if number % 3 == 1 and len(line) > 1:
                return old.rolled_back(PRODUCTION, line[1], said)
            if number % 3 == 2 and line:
                return old.tried(PRODUCTION, one, number, said)
            return old.promoted(PRODUCTION, one, said)

        made.append(change(store, NAME, edit).revision)
    return made


def test_no_change_is_lost_torn_or_made_twice(bucket: str) -> None:
    reader = Reader(bucket)
    reader.start()
    with ThreadPoolExecutor(WRITERS_COUNT) as pool:
        revisions = [
            one for made in pool.map(write, [bucket] * WRITERS_COUNT, range(WRITERS_COUNT)) for one in made
        ]
    reader.stopped.set()
    reader.join()
    store = Store.open(bucket)
    document, history = read_aliases(store, NAME)[0], read_history(store, NAME)
    assert len(history) == document.revision == OPERATIONS_COUNT
    assert sorted(revisions) == [one.revision for one in history] == list(range(1, OPERATIONS_COUNT + 1))
    assert Counter(one.why for one in history) == Counter(
        note(writer, number).why
        for writer in range(WRITERS_COUNT)
        for number in range(OPERATIONS_COUNT // WRITERS_COUNT)
    )
    for alias in (CHAMPION, CHALLENGER):
        of_alias = [one for one in history if one.alias == alias]
        assert all(earlier.after == later.before for earlier, later in pairwise(of_alias))
        assert of_alias[-1].after == document.aliases.get(alias)
    assert champions(history, PRODUCTION)[-1] == document.champion()
    assert _replayed(history) == document.aliases
    assert len(reader.revisions) > 10


def _replayed(history: list[Change]) -> dict[str, Target]:
    aliases: dict[str, Target] = {}
    for one in history:
        assert aliases.get(one.alias) == one.before
        if one.after is not None:
            aliases[one.alias] = one.after
    return aliases
