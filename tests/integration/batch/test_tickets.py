"""Files of tickets: small blocks, so that a run stops in time, and the same bytes in one run and in many."""

import csv
import io
import time
from dataclasses import dataclass, field

import pytest

from coldframe import limits
from coldframe.batch.drop import Drop
from coldframe.store import Store
from tests import made_knowledge
from tests.integration.batch.cloud import Cloud, RunsOut

SENTENCES = (
    made_knowledge.IN_SCOPE,
    made_knowledge.OUT_OF_SCOPE,
    'He wrote: "the toner, please"',
    "I am locked out\nand it is very urgent",
    "=the key of my desk is gone",
    " ",
)


@dataclass
class RealSeconds(RunsOut):
    """A context whose time really passes."""

    seconds: float = 0.0
    end: float = field(init=False)

    def __post_init__(self) -> None:
        self.end = time.monotonic() + self.seconds

    def get_remaining_time_in_millis(self) -> float:
        return max(self.end - time.monotonic(), 0.0) * 1e3


@pytest.fixture
def cloud(cloud: Cloud) -> Cloud:
    made_knowledge.published(Store.open(cloud.models))
    return cloud


def tickets(rows: int) -> bytes:
    file = io.StringIO(newline="")
    written = [(n, f"{SENTENCES[n % 6]} {n}" if n % 6 < 5 else " ") for n in range(rows)]
    csv.writer(file).writerows([["id", "Beschreibung"], *written])
    return file.getvalue().encode()


def in_one_go(cloud: Cloud, drop: Drop) -> dict[str, bytes]:
    again = cloud.again()
    again.announce(drop)
    assert again.work_off() == 1
    return again.finals(drop)


def dropped(cloud: Cloud, rows: int) -> Drop:
    return cloud.drop("tickets/a.csv", tickets(rows), {"column": "Beschreibung"})


def test_a_run_for_each_block_gives_the_same_bytes(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TICKETS_BLOCK_BYTES", 600)
    drop = dropped(cloud, 60)
    whole = in_one_go(cloud, drop)
    cloud.announce(drop)
    assert cloud.work_off(lambda: RunsOut(1)) >= 5
    assert cloud.finals(drop) == whole
    report = cloud.report(drop)
    assert (report["column"], report["scored"], report["rejected"]) == ("Beschreibung", 50, 10)
    assert set(report["labels"]) == {"Printing", "Accounts", "General"}


def test_what_a_block_holds_changes_no_byte(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    drop = dropped(cloud, 60)
    whole = in_one_go(cloud, drop)
    monkeypatch.setattr(limits, "TICKETS_BLOCK_BYTES", 100)
    assert in_one_go(cloud, drop) == whole


def test_a_file_that_outlasts_a_run_goes_on_in_the_next(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # blocks of the usual size
    drop = dropped(cloud, 600)
    whole = in_one_go(cloud, drop)
    cloud.announce(drop)
    budget = limits.BATCH_RESERVE_SECONDS + 0.2
    runs = cloud.work_off(lambda: RealSeconds(seconds=budget))
    assert cloud.finals(drop) == whole
    assert cloud.progress(drop)["runs"] == runs > 2


def test_the_column_is_text_unless_it_is_named(cloud: Cloud) -> None:
    drop = cloud.drop("tickets/a.csv", tickets(6))
    cloud.announce(drop)
    cloud.work_off()
    report = cloud.report(drop)
    assert report["state"] == "failed"
    assert "text" in report["problem"]
