"""A worker that is killed at any storage call: a rerun brings the bytes of an undisturbed run."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from coldframe import limits
from coldframe.batch.drop import Drop
from coldframe.batch.encoding import Encoding
from coldframe.batch.output import Output
from coldframe.batch.run import Run
from coldframe.classifier import Classifier
from tests.integration.batch.cloud import Cloud, RunsOut, assert_nothing_half_written
from tests.integration.batch.conftest import table
from tests.integration.batch.faults import Killed, kill, killed

# Who is cut off between a call and its answer leaves the connection open.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*unclosed:pytest.PytestUnraisableExceptionWarning", "ignore:unclosed:ResourceWarning"
)

BLOCKS_A_RUN = 2
POINTS = (
    (Classifier, "rows"),
    (Output, "write"),
    (Encoding, "decode"),
    (Run, "place"),
    (Output, "_send_tail"),
)


@dataclass
class Undisturbed:
    """A file, how it is worked on, what comes of it and by which calls."""

    cloud: Cloud
    drop: Drop
    steps: int | None
    whole: dict[str, bytes]
    calls: list[str]

    @classmethod
    def run(cls, cloud: Cloud, data: bytes, steps: int | None = None) -> "Undisturbed":
        drop = cloud.drop("sentiment/表 a.csv", data)
        undisturbed = cls(cloud.again(), drop, steps, {}, [])
        undisturbed.cloud.faults.plan(None, kill)
        undisturbed.cloud.announce(drop)
        undisturbed.finish(undisturbed.cloud)
        undisturbed.calls = undisturbed.cloud.faults.calls
        undisturbed.whole = undisturbed.cloud.finals(drop)
        assert list(undisturbed.whole) == ["rejects", "result", "report"]
        return undisturbed

    def finish(self, cloud: Cloud) -> None:
        cloud.work_off(lambda: RunsOut(self.steps))

    def kill_and_rerun(self, at: int, after: bool) -> None:
        """Kill the worker at the call with this index, look, and deliver what is then in the queue."""
        cloud = self.cloud.again()
        cloud.faults.plan(at, kill, after)
        cloud.announce(self.drop)
        with killed():
            self.finish(cloud)
        assert_nothing_half_written(cloud.finals(self.drop), self.whole)
        self.finish(cloud)
        assert cloud.finals(self.drop) == self.whole, cloud.faults.struck


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_any_call_of_a_small_file(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    cloud.faults.watch_store(monkeypatch)
    undisturbed = Undisturbed.run(cloud, table(36))
    for at in range(len(undisturbed.calls)):
        undisturbed.kill_and_rerun(at, after)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("steps", [None, BLOCKS_A_RUN], ids=["one run", "continued"])
def test_a_kill_at_any_call_of_an_upload(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, steps: int | None
) -> None:
    """Killed after a call is killed before the next: what is stored is the same."""
    monkeypatch.setattr(limits, "BATCH_PROGRESS_SECONDS", float("inf"))
    undisturbed = Undisturbed.run(cloud, table(60), steps)
    assert sum("CompleteMultipartUpload" in call for call in undisturbed.calls) == 2
    for at in range(len(undisturbed.calls)):
        undisturbed.kill_and_rerun(at, after=False)
    undisturbed.kill_and_rerun(len(undisturbed.calls) - 1, after=True)


@pytest.mark.usefixtures("small_parts")
def test_kills_between_the_calls(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    chance, kills = random.Random(1), 0
    undisturbed = Undisturbed.run(cloud, table(60), BLOCKS_A_RUN)
    for _ in range(20):
        cloud = undisturbed.cloud.again()
        cloud.announce(undisturbed.drop)
        for owner, name in chance.sample(POINTS, 2):
            with monkeypatch.context() as patch:
                patch.setattr(owner, name, killing(getattr(owner, name), chance.randrange(1, 4)))
                kills += is_killed(undisturbed, cloud)
            assert_nothing_half_written(cloud.finals(undisturbed.drop), undisturbed.whole)
        undisturbed.finish(cloud)
        assert cloud.finals(undisturbed.drop) == undisturbed.whole
    assert kills > 20


def is_killed(undisturbed: Undisturbed, cloud: Cloud) -> bool:
    try:
        undisturbed.finish(cloud)
    except Killed:
        return True
    return False


def killing(function: Callable[..., Any], at: int) -> Callable[..., Any]:
    """The function until its call `at`, from 1."""
    calls = 0

    def counted(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        return kill() if calls == at else function(*arguments)

    return counted
