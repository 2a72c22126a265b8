"""A storage call that fails: the message comes again, soon, and its progress says why."""

import pytest

from coldframe import limits
from coldframe.batch.drop import Drop
from tests.integration.batch.cloud import Cloud, RunsOut, assert_nothing_half_written
from tests.integration.batch.conftest import table
from tests.integration.batch.faults import refuse, time_out

# Who is cut off between a call and its answer leaves the connection open.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*unclosed:pytest.PytestUnraisableExceptionWarning", "ignore:unclosed:ResourceWarning"
)

SLOW_DOWN = refuse(503, "SlowDown")
REFUSED = (
    SLOW_DOWN,
    refuse(403, "AccessDenied"),
    refuse(409, "ConditionalRequestConflict"),
    time_out,
)
BLOCKS_A_RUN = 2


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("after", [False, True], ids=["not done", "done, but no answer"])
def test_an_error_at_any_call(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    """The calls take turns at the ways of not being done."""
    cloud.faults.watch_store(monkeypatch)
    if after:
        monkeypatch.setattr(limits, "BATCH_PROGRESS_SECONDS", float("inf"))
    drop = cloud.drop("sentiment/a.csv", table(30))
    cloud.faults.plan(None, SLOW_DOWN)
    cloud.announce(drop)
    cloud.work_off(lambda: RunsOut(BLOCKS_A_RUN))
    whole, calls = cloud.finals(drop), cloud.faults.calls
    for at, call in enumerate(calls):
        again = cloud.again()
        again.faults.plan(at, time_out if after else REFUSED[at % len(REFUSED)], after)
        again.announce(drop)
        failures = work_off_noting_failures(again, drop)
        # A read is tried again at once, and a progress does without.
        mended = call.endswith(".progress.json") or (call.startswith("GetObject") and "/inbox-" in call)
        expected = [] if mended else [limits.BATCH_RETRY_SECONDS]
        assert (failures, again.visibilities) == (len(expected), expected), call
        assert_nothing_half_written(again.finals(drop), whole)
        assert again.finals(drop) == whole, call


def work_off_noting_failures(cloud: Cloud, drop: Drop) -> int:
    """Deliver until no message is left; after each failure see what the progress says of it."""
    failures = 0
    while delivered := cloud.deliver(RunsOut(BLOCKS_A_RUN)):
        if delivered[1]:
            failures += 1
            progress = cloud.progress(drop)
            assert progress["state"] == "retrying"
            assert progress["problem"]
            assert progress.keys() >= {"rows", "bytes_read", "bytes_total", "rows_per_second", "runs"}
    return failures


def test_each_try_waits_twice_as_long_as_the_one_before(cloud: Cloud) -> None:
    drop = cloud.drop("sentiment/a.csv", table(6))
    cloud.announce(drop)
    for _ in range(4):
        cloud.faults.plan(0, SLOW_DOWN)
        delivered = cloud.deliver()
        assert delivered
        assert len(delivered[1]) == 1
    assert cloud.visibilities == [15, 30, 60, 120]
    assert "SlowDown" in cloud.progress(drop)["problem"]
    cloud.work_off()
    assert cloud.report(drop)["state"] == "done"
    assert cloud.progress(drop)["state"] == "done"
    assert cloud.progress(drop)["problem"] is None
