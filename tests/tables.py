"""Files scored without S3 and without a model: the bytes in, the result and the rejects out."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

import pytest

from coldframe import limits
from coldframe.batch.layout import Layout, read_layout
from coldframe.batch.records import Block, RecordReader
from coldframe.batch.rows import Examined, examine
from coldframe.batch.source import RangedFile, Window
from coldframe.batch.writing import header_text, rejects_header, rejects_text, result_text
from coldframe.decisions import Row

ADDED = ("label", "score_long", "score_short")


@dataclass
class Scored:
    """What a file came to. `place` is the byte (unpacked) and the line behind the last block."""

    layout: Layout
    result: str
    rejects: str
    place: tuple[int, int]
    searched: int = 0
    blocks: list[tuple[Block, Examined]] = field(default_factory=list)

    @property
    def outputs(self) -> tuple[str, str]:
        return self.result, self.rejects

    @property
    def result_rows(self) -> list[list[str]]:
        """The result's rows without its header, as any reader of CSV sees them."""
        return read_csv(self.result, self.layout.delimiter)[1:]

    @property
    def reject_rows(self) -> list[list[str]]:
        return read_csv(self.rejects, self.layout.delimiter)[1:]

    @property
    def reasons(self) -> dict[int, str]:
        """Reasons of the rejects, by their lines."""
        return {int(line): reason for line, reason, *_ in self.reject_rows}

    @property
    def texts(self) -> list[str]:
        """The texts that were scored."""
        return [text for _, examined in self.blocks for text in examined.texts]


def answer(text: str) -> Row:
    """Answer for a text, so that a row with another row's answer is noticed."""
    share = len(text) / limits.TEXT_MAX_CHARS
    return ("long" if share > 0.01 else "short",), (share, 1 - share)


def score(
    data: bytes,
    column: str = "text",
    block_bytes: int = limits.BATCH_BLOCK_BYTES,
    read_bytes: int = limits.BATCH_READ_BYTES,
    blocks_a_run: int | None = None,
) -> Scored:
    """Score a file: its header with the real limits, the rest with these, and in runs of so many blocks."""
    window = opened(data)
    layout, line = read_layout(window, column)
    made = Scored(
        layout,
        header_text(layout.header, ADDED, layout.delimiter),
        rejects_header(layout.header, layout.delimiter),
        (window.offset, line),
    )
    with limited(BATCH_BLOCK_BYTES=block_bytes, BATCH_READ_BYTES=read_bytes):
        while _run(data, made, blocks_a_run):
            pass
    return made


def opened(data: bytes, offset: int = 0) -> Window:
    """A window on these bytes as if they were in a bucket."""
    return Window(RangedFile.of(data), offset)


def read_csv(text: str, delimiter: str, strict: bool = False) -> list[list[str]]:
    """Read a file as Coldframe writes it: no stricter than its input, whose rows stand as they were."""
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=delimiter, strict=strict))


@contextmanager
def limited(**values: int) -> Iterator[None]:
    """Set other limits for a while."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setattr(limits, name, value)
        yield


def _run(data: bytes, made: Scored, most: int | None) -> bool:
    """Go on from the place; say whether the file may have more."""
    offset, line = made.place
    window = opened(data, offset)
    reader = RecordReader(
        window,
        made.layout.encoding,
        made.layout.delimiter,
        limits.BATCH_BLOCK_BYTES,
        line,
        made.searched,
    )
    count = 0
    for count, block in enumerate(islice(reader.blocks(), most), 1):  # noqa: B007 - the last one counts
        _score_block(block, made)
    made.place, made.searched = (window.offset, reader.line), reader.searched
    return most is not None and count == most


def _score_block(block: Block, made: Scored) -> None:
    examined = examine(block, made.layout, limits.TEXT_MAX_CHARS)
    answers = [answer(text) for text in examined.texts]
    made.result += result_text(examined.rows, examined.lines, answers, made.layout.delimiter)
    made.rejects += rejects_text(examined.rejects, made.layout.delimiter)
    made.blocks.append((block, examined))
