import gzip
import subprocess
import sys
import zlib

import pytest

from coldframe import limits
from coldframe.batch.source import RangedFile, Window
from coldframe.errors import FileRefused
from tests.tables import limited, opened, score

MEMORY_MB = 200


def bomb(piece: bytes, header: bytes = b"id,text\n") -> bytes:
    """About 1 MB that unpack to 1 GB: 16 MB of `piece` packed once, and that repeated in the same stream."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = packer.compress(header) + packer.flush(zlib.Z_FULL_FLUSH)
    part = packer.compress(piece * ((16 << 20) // len(piece))) + packer.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + start + part * 64 + packer.flush() + bytes(8)


def read_through(window: Window) -> int:
    while True:
        window.fill(limits.BATCH_BLOCK_BYTES)
        if not window.data:
            return window.offset
        window.advance(len(window.data))


@pytest.mark.parametrize("piece", [b"\0", b"1,a\n"])
def test_a_gzip_bomb_is_refused(piece: bytes) -> None:
    data = bomb(piece)
    assert len(data) < 4_000_000
    window = opened(data)
    with pytest.raises(FileRefused) as caught:
        read_through(window)
    assert caught.value.problem == "The gzip data unpack to more than 100 times their size"
    assert caught.value.fix == "leave the file unpacked if it is meant"
    assert window.offset <= limits.GZIP_RATIO_MAX * len(data)


READ_BY_A_PROCESS_OF_ITS_OWN = """
import resource, sys
from coldframe import limits
from coldframe.batch.layout import read_layout
from coldframe.batch.records import RecordReader
from coldframe.errors import FileRefused
from tests.tables import limited, opened

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

data = sys.stdin.buffer.read()
before = peak_mb()
with limited(GZIP_FREE_BYTES=16 << 20, GZIP_RATIO_MAX=20):
    try:
        window = opened(data)
        layout, line = read_layout(window, "text")
        reader = RecordReader(
            window, layout.encoding, layout.delimiter, limits.BATCH_BLOCK_BYTES, line
        )
        for block in reader.blocks():
            pass
    except FileRefused as refusal:
        print(peak_mb() - before, refusal.problem, sep=";")
"""


@pytest.mark.parametrize(
    ("piece", "problem"),
    [
        (b"1,a\n", "The gzip data unpack to more than 20 times their size"),
        (b"x", "Line 2 is longer than 16,777,216 bytes"),
        (b"\0", "This is not a CSV file: it holds binary data"),
    ],
)
def test_a_gzip_bomb_takes_bounded_memory(piece: bytes, problem: str) -> None:
    program = [sys.executable, "-c", READ_BY_A_PROCESS_OF_ITS_OWN]
    done = subprocess.run(program, input=bomb(piece), capture_output=True, check=True)
    grown_mb, found = done.stdout.decode().strip().split(";")
    assert found == problem
    assert float(grown_mb) < MEMORY_MB


def test_what_packs_well_but_not_too_well_is_read() -> None:
    data = gzip.compress(b"id,text\n" + b"".join(b"%d,good words\n" % number for number in range(10_000)))
    with limited(GZIP_FREE_BYTES=1_000):
        assert len(score(data).texts) == 10_000


def test_what_is_read_is_fetched_in_ranges_and_no_more() -> None:
    data = bytes(range(256)) * 100
    asked: list[tuple[int, int]] = []

    def read_range(start: int, size: int) -> bytes:
        asked.append((start, size))
        return data[start : start + size]

    with limited(BATCH_READ_BYTES=1_000):
        window = Window(RangedFile(read_range, len(data)), 20_000)
        window.fill(1_500)
    assert window.data == data[20_000:21_500]
    assert max(size for _, size in asked) <= 1_500
    assert sum(size for _, size in asked) <= 4_000
    assert window._ranged.position <= 22_000


@pytest.mark.parametrize("cut", [3, 12, 30, -9, -8, -4, -1])
def test_gzip_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(FileRefused) as caught:
        score(gzip.compress(b"id,text\n" + b"1,good\n" * 50)[:cut])
    assert caught.value.problem == "The gzip data are damaged or cut short"
    assert caught.value.fix == "pack the file anew"


def test_rubbish_behind_gzip_is_refused() -> None:
    with pytest.raises(FileRefused, match="damaged"):
        score(gzip.compress(b"id,text\n1,good\n") + b"rubbish")


def test_a_large_file_in_two_members_goes_on_from_any_place() -> None:
    lines = [b"%d,good\n" % number for number in range(400)]
    data = gzip.compress(b"id,text\n" + b"".join(lines[:123])) + gzip.compress(b"".join(lines[123:]))
    assert score(data, "text", 500, 16, 1).outputs == score(b"id,text\n" + b"".join(lines)).outputs
