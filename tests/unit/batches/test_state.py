from datetime import UTC, datetime, timedelta

import pytest

from coldframe.batch.drop import Drop
from coldframe.batches.answers import Progress
from coldframe.batches.state import Document, Found

UNTIL = datetime(2026, 11, 21, 6, tzinfo=UTC)
BEFORE, AFTER = UNTIL - timedelta(seconds=1), UNTIL
DROP = Drop("inbox", "sentiment/_jobs/1/rows.csv", "1", "e")


@pytest.mark.parametrize("at", [BEFORE, AFTER])
@pytest.mark.parametrize(
    ("progress", "report", "state"),
    [
        (None, None, "queued"),
        ("running", None, "running"),
        ("paused", None, "paused"),
        ("retrying", None, "retrying"),
        ("running", "done", "done"),
        ("retrying", "failed", "failed"),
        (None, "failed", "failed"),
        (None, "done", "done"),
    ],
)
def test_the_state_of_a_file_that_is_there(
    at: datetime, progress: str | None, report: str | None, state: str
) -> None:
    told, reported = ({"state": one} if one else None for one in (progress, report))
    assert Found(DROP, told, reported).state(UNTIL, at) == state


def test_a_file_that_never_came_is_waited_for_until_the_form_ends() -> None:
    assert Found().state(UNTIL, BEFORE) == "waiting"
    assert Found().state(UNTIL, AFTER) == "expired"


@pytest.mark.parametrize(
    ("read", "total", "share"), [(0, 0, 0.0), (0, 10, 0.0), (5, 10, 0.5), (10, 10, 1.0), (11, 10, 1.0)]
)
def test_the_share_is_of_the_bytes(read: int, total: int, share: float) -> None:
    figures = {"rows": 1, "scored": 1, "rejected": 0, "rows_per_second": 1.0}
    times = {"started_at": "", "updated_at": "", "problem": None}
    told: Document = {**figures, **times, "bytes_read": read, "bytes_total": total}
    assert Progress.of(told).share == share
