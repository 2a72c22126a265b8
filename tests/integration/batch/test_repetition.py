"""Events that come several times, at once and in any order; workers that get into each other's way."""

import queue
import random
import threading

import pytest

from coldframe import limits
from coldframe.batch.bucket import Bucket
from coldframe.batch.consumer import Consumer
from coldframe.batch.drop import Drop
from coldframe.batch.job import find_job
from coldframe.batch.notifications import notification
from tests.integration.batch.cloud import (
    DELIVERIES_MAX_COUNT,
    Cloud,
    RunsOut,
    parallel,
)
from tests.integration.batch.conftest import table

TIMES = 5
BLOCKS_A_RUN = 2


class Deliveries:
    """Messages in memory, for workers on threads: what fails is put back, what is sent on is added."""

    def __init__(self, cloud: Cloud, workers: int = TIMES) -> None:
        self.bodies: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.count = 0
        self._consumers = [
            parallel(cloud, lambda drop: self.bodies.put(notification(drop))) for _ in range(workers)
        ]

    def work_off(self, steps: int | None) -> None:
        """Work on the messages with all workers until none is left."""
        threads = [threading.Thread(target=self._work, args=(one, steps)) for one in self._consumers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert self.bodies.empty()
        assert self.count < DELIVERIES_MAX_COUNT

    def _work(self, consumer: Consumer, steps: int | None) -> None:
        while not self.bodies.empty() and self.count < DELIVERIES_MAX_COUNT:
            self.count += 1
            body = self.bodies.get()
            if handle(consumer, body, steps):
                self.bodies.put(body)


def handle(consumer: Consumer, body: str, steps: int | None) -> bool:
    """Handle a message; say whether it failed."""
    attributes = {"ApproximateReceiveCount": "1"}
    message = {"messageId": "1", "receiptHandle": "none", "body": body, "attributes": attributes}
    answer = consumer.handle({"Records": [message]}, RunsOut(steps))  # type: ignore[arg-type]
    return bool(answer["batchItemFailures"])


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("steps", [None, BLOCKS_A_RUN], ids=["one run", "continued"])
def test_every_event_five_times_at_once(cloud: Cloud, steps: int | None) -> None:
    files = [cloud.drop(f"sentiment/{rows}.csv", table(rows)) for rows in (6, 36, 60)]
    for drop in files:
        cloud.announce(drop)
    cloud.work_off(lambda: RunsOut(steps))
    again = cloud.again()
    deliveries = Deliveries(again)
    for drop in random.Random(1).sample(files * TIMES, len(files) * TIMES):
        deliveries.bodies.put(notification(drop))
    deliveries.work_off(steps)
    for drop in files:
        assert again.finals(drop) == cloud.finals(drop)
        assert again.progress(drop)["state"] in ("done", "running", "paused", "retrying")  # the report says


@pytest.mark.usefixtures("small_parts")
def test_five_workers_go_on_with_one_upload(cloud: Cloud) -> None:
    drop = cloud.drop("sentiment/a.csv", table(90))
    cloud.announce(drop)
    cloud.work_off()
    again = cloud.again()
    again.announce(drop)
    again.deliver(RunsOut(BLOCKS_A_RUN))
    deliveries = Deliveries(again)
    for _ in range(TIMES):
        deliveries.bodies.put(notification(drop))
    deliveries.work_off(BLOCKS_A_RUN)
    assert again.finals(drop) == cloud.finals(drop)


def test_a_slow_worker_does_not_move_the_place_back(cloud: Cloud) -> None:
    drop = cloud.drop("sentiment/a.csv", table(90))
    cloud.announce(drop)
    cloud.deliver(RunsOut(1))
    fast, places = parallel(cloud, lambda drop: None), [place(cloud, drop)]

    def go_on_faster() -> None:
        handle(fast, notification(drop), 3)
        places.append(place(cloud, drop))

    cloud.faults.plan(4, go_on_faster)
    cloud.deliver(RunsOut(1))
    assert "PutObject" in str(cloud.faults.struck)
    assert "/_jobs/" in str(cloud.faults.struck)
    assert places[0] < places[1] == place(cloud, drop)


def place(cloud: Cloud, drop: Drop) -> int:
    job = find_job(Bucket(cloud.s3, cloud.results), drop)
    assert job
    assert job.place
    return job.place.offset


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("paused", [False, True], ids=["from the start", "from one place"])
def test_another_worker_gets_in_between_at_any_call(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, paused: bool
) -> None:
    """One worker stands still before a call while another one does all the work; then it goes on."""
    monkeypatch.setattr(limits, "BATCH_PROGRESS_SECONDS", float("inf"))
    drop = cloud.drop("sentiment/a.csv", table(36))
    count = calls_beside(cloud, drop, None, paused)
    whole = cloud.finals(drop)
    for at in range(count):
        again = cloud.again()
        calls_beside(again, drop, at, paused)
        assert again.finals(drop) == whole, again.faults.struck


def calls_beside(cloud: Cloud, drop: Drop, at: int | None, paused: bool) -> int:
    """Bring a file to its end with another worker in between at that call; give the number of calls."""
    cloud.announce(drop)
    if paused:
        cloud.deliver(RunsOut(BLOCKS_A_RUN))
    other = Deliveries(cloud, 1)

    def work_in_between() -> None:
        other.bodies.put(notification(drop))
        other.work_off(None)

    cloud.faults.plan(at, work_in_between)
    cloud.deliver()
    calls = len(cloud.faults.calls)
    assert (cloud.faults.struck is None) == (at is None)
    cloud.work_off()
    return calls
