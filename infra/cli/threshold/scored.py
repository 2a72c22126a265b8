"""Read what `coldframe batch` wrote for rows that their owner has labelled: the truth and the scores."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coldframe import limits
from coldframe.batch.layout import Layout, read_layout
from coldframe.batch.records import Block, RecordReader
from coldframe.batch.rows import examine
from coldframe.batch.source import RangedFile, Window
from coldframe.errors import FileRefused
from coldframe.manifest import Manifest
from infra.cli.threshold.header import Columns, UnusableFile, answer_columns, find_columns

LINES_SHOWN_COUNT = 5
UNKNOWN = -1
NO_SCORE = "a score is not a number from 0 to 1"


@dataclass(frozen=True)
class ScoredRows:
    """The rows that can be used, and what is wrong with the others.

    truths: (rows,) places in `words`. scores: (rows,) by label and alarm. first_lines: where each of the
    words stands first.
    """

    words: tuple[str, ...]
    truths: NDArray[np.int64]
    scores: Mapping[str, NDArray[np.float64]]
    first_lines: Mapping[str, int]
    left_out: Sequence[str]

    def positive(self, name: str, manifest: Manifest) -> NDArray[np.bool_]:
        """Say of each row, (rows,), whether it is `name`, a label or the alarm.

        Raises `UnusableFile` for a label where some truth tells only whether the alarm is right.
        """
        alarm = manifest.alarm
        if alarm and name == alarm["name"]:
            inside = [self.words.index(word) for word in (name, *alarm["labels"])]
            return np.isin(self.truths, inside)
        vague = [(line, word) for word, line in self.first_lines.items() if word not in manifest.labels]
        if vague:
            line, word = min(vague)
            raise UnusableFile(
                f"Line {line:,} says {word!r}, which leaves open whether it is {name}: say one of"
                f" {', '.join(manifest.labels)}, or choose for the alarm alone (--of {alarm['name']})."
            )
        return np.equal(self.truths, self.words.index(name))


def read_scored(path: Path, manifest: Manifest, truth: str | None) -> ScoredRows:
    """Read a file's rows: the truth in the column `truth` (None is label), which is one of `truth_words`.

    Raises `UnusableFile` and `FileRefused`, naming the fix.
    """
    with path.open("rb") as file:
        size = path.stat().st_size
        window = Window(RangedFile(lambda start, count: os.pread(file.fileno(), count, start), size))
        layout, line = _layout(window, manifest)
        columns = find_columns(layout.header, manifest, truth)
        words = truth_words(manifest)
        reading = _Reading(layout, columns, _places(words))
        reader = RecordReader(window, layout.encoding, layout.delimiter, limits.BATCH_BLOCK_BYTES, line)
        for block in reader.blocks():
            reading.take(block)
    reading.check(words)
    scores = np.concatenate([np.empty((0, len(columns.scored))), *reading.scores])
    return ScoredRows(
        words,
        np.concatenate([np.empty(0, np.int64), *reading.truths]),
        {name: np.ascontiguousarray(of) for name, of in zip(columns.scored, scores.T, strict=True)},
        {words[place]: line for place, line in reading.first_lines.items()},
        reading.left_out,
    )


def truth_words(manifest: Manifest) -> tuple[str, ...]:
    """Return what a truth may be: a label, the alarm's name, or its opposite, `not NAME`."""
    alarm = (manifest.alarm["name"], f"not {manifest.alarm['name']}") if manifest.alarm else ()
    return (*manifest.labels, *alarm)


def some(items: Sequence[str]) -> str:
    """Name the first few of them, and how many more there are."""
    more = f" and {len(items) - LINES_SHOWN_COUNT:,} more" if len(items) > LINES_SHOWN_COUNT else ""
    return "; ".join(islice(items, LINES_SHOWN_COUNT)) + more


def _layout(window: Window, manifest: Manifest) -> tuple[Layout, int]:
    """Read the header; the delimiter is the one with which a column of the last label's score is found."""
    try:
        return read_layout(window, answer_columns(manifest)[-1])
    except FileRefused as error:
        if error.columns is not None:
            find_columns(error.columns, manifest, None)
        raise


@dataclass
class _Reading:
    """What was read so far; `places` are those of the truths in the words."""

    layout: Layout
    columns: Columns
    places: Mapping[str, int]
    truths: list[NDArray[np.int64]] = field(default_factory=list)
    scores: list[NDArray[np.float64]] = field(default_factory=list)
    first_lines: dict[int, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def take(self, block: Block) -> None:
        """Take the rows of a block."""
        # What is looked at here is a score, which has no longest text of its own.
        examined = examine(block, self.layout, limits.BATCH_RECORD_MAX_BYTES)
        for reject in examined.rejects:
            self.left_out.append(f"line {reject.line:,}: {reject.reason.replace('the text', 'the score')}")
        rows, left_out = examined.rows, {reject.line for reject in examined.rejects}
        rows_of_lines = zip(block.lines, block.rows, strict=True)
        lines = [line for line, cells in rows_of_lines if cells and line not in left_out]
        truths = [row[self.columns.truth].strip() for row in rows]
        truths = [truth if truth in self.places else truth.casefold() for truth in truths]
        places = np.array([self.places.get(truth, UNKNOWN) for truth in truths], np.int64)
        scores = _numbers([row[self.columns.first_score :] for row in rows], len(self.columns.scored))
        known, scored = places != UNKNOWN, ((scores >= 0) & (scores <= 1)).all(axis=1)
        self.unknown += [f"line {lines[row]:,}: {truths[row]!r}" for row in np.flatnonzero(~known)]
        self.left_out += [f"line {lines[row]:,}: {NO_SCORE}" for row in np.flatnonzero(known & ~scored)]
        used = np.flatnonzero(known & scored)
        for place, first in zip(*np.unique(places[used], return_index=True), strict=True):
            self.first_lines.setdefault(int(place), lines[used[first]])
        self.truths.append(places[used])
        self.scores.append(scores[used])

    def check(self, words: Sequence[str]) -> None:
        """Raise `UnusableFile` when some truth is none of the words."""
        if self.unknown:
            raise UnusableFile(
                f"{len(self.unknown):,} of the truths are none of {', '.join(words)} ({some(self.unknown)}):"
                " correct them, or take those rows out."
            )


def _places(words: Sequence[str]) -> dict[str, int]:
    """Return the place of each word, and of each in another case that is not a word itself."""
    folded = {word.casefold(): place for place, word in enumerate(words)}
    return folded | {word: place for place, word in enumerate(words)}


def _numbers(cells: Sequence[Sequence[str]], columns: int) -> NDArray[np.float64]:
    """Return (rows, columns) numbers; NaN for what is none."""
    try:
        return np.array([list(map(float, row)) for row in cells]).reshape(-1, columns)
    except ValueError:
        return np.array([list(map(_number, row)) for row in cells])


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan
