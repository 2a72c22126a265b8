"""What a file may cost that is made to cost much."""

import pytest

from coldframe import limits
from coldframe.batch.bucket import Bucket
from coldframe.batch.job import Written
from coldframe.batch.output import Output
from coldframe.batch.rows import CELLS
from coldframe.errors import FileRefused
from tests.tables import limited, score

NEVER_CLOSED = b'xxxxxxxx","yyyyyyyyyyyyyyyyyyyyy\n'  # sound on every line, and open behind the last


@pytest.mark.parametrize("in_blocks", [False, True])
def test_the_search_for_closing_marks_ends(in_blocks: bool) -> None:
    data = b"id,text\n1,good\n" + NEVER_CLOSED * 300
    block_bytes = 64 if in_blocks else len(data) + 1
    with limited(BATCH_SEARCH_MAX_CHARS=20 * len(data)), pytest.raises(FileRefused) as refused:
        score(data, "text", block_bytes)
    assert refused.value.problem == "Too many quotation marks are never closed"
    with limited(BATCH_SEARCH_MAX_CHARS=400 * len(data)):
        assert len(score(data, "text", block_bytes).reject_rows) == 300


def test_the_search_is_counted_over_all_runs() -> None:
    data = b"id,text\n1,good\n" + NEVER_CLOSED * 300
    with limited(BATCH_SEARCH_MAX_CHARS=20 * len(data)), pytest.raises(FileRefused):
        score(data, "text", 64, blocks_a_run=1)


def test_a_row_of_more_cells_than_a_spreadsheet_has_is_kept_as_one() -> None:
    wide = ",".join("a" * (limits.BATCH_CELLS_MAX_COUNT + 1))
    scored = score(f"id,text\n1,good\n{wide}\n2,good\n".encode())
    assert scored.texts == ["good", "good"]
    assert scored.reject_rows == [["3", CELLS, wide]]


class Parts(Bucket):
    """Counts parts in place of sending them: ten thousand of 8 MiB and more take no test's time."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def begin_upload(self, key: str, content_type: str) -> str:
        return "1"

    def upload_part(self, key: str, upload: str, number: int, data: bytes) -> str:
        self.sizes.append(len(data))
        return str(number)


def test_ten_thousand_parts_hold_far_more_than_eighty_gigabytes() -> None:
    bucket, text = Parts(), "x" * 100
    with limited(BATCH_PART_MIN_BYTES=len(text)):
        output = Output(bucket, "key", Written())
        for _ in range(55_000):
            output.write(text)
    assert len(bucket.sizes) == 10_000
    assert sum(bucket.sizes) == 55_000 * len(text)
    assert bucket.sizes[-1] == 10 * len(text)
