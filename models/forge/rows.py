"""Labelled texts from CSV files, and what is wrong with them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.forge.csv_file import UnusableRows
from models.forge.source import Seen, Source, counted, read_source, warnings

ROWS_MIN_COUNT = 20  # of each label: below it neither five folds nor a figure mean anything
ROWS_FEW_COUNT = 1_000  # in all: below it figures are rough


@dataclass(frozen=True)
class Rows:
    """Texts with labels, from one or more sources.

    targets: (rows,) places in labels; the one behind them is the alarm, of a row that has one of its labels.
    sources: (rows,) places in source_names. candidates: (rows, labels), bool, the labels that the source
    tells apart; a source of two labels says nothing of a third. alarm: (labels,), bool, which labels it has.
    """

    labels: tuple[str, ...]
    source_names: tuple[str, ...]
    texts: list[str]
    targets: NDArray[np.int64]
    sources: NDArray[np.int64]
    candidates: NDArray[np.bool_]
    warnings: list[str] = field(default_factory=list)
    alarm: NDArray[np.bool_] | None = None

    @property
    def members(self) -> NDArray[np.bool_]:
        """(rows, labels): the labels that a row may have; one, unless it is known by the alarm alone."""
        meanings = np.eye(len(self.labels), dtype=bool)
        if self.alarm is not None:
            meanings = np.vstack([meanings, self.alarm])
        return np.asarray(meanings[self.targets])

    @property
    def strata(self) -> NDArray[np.int64]:
        """(rows,): the same number for rows of one source and one target, which folds divide evenly."""
        return self.sources * (len(self.labels) + 1) + self.targets

    def known(self, labels: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Of which rows it is known whether their label is one of these (labels,), and whether: (rows,)."""
        members = self.members
        inside, outside = (members & labels).any(axis=1), (members & ~labels).any(axis=1)
        return np.asarray((inside != outside) & self.candidates.all(axis=1)), np.asarray(inside)

    def take(self, places: NDArray[np.int64]) -> "Rows":
        """The rows at these places."""
        return replace(
            self,
            texts=[self.texts[place] for place in places],
            targets=self.targets[places],
            sources=self.sources[places],
            candidates=self.candidates[places],
        )


def read_rows(
    paths: Sequence[Path],
    labels: Sequence[str],
    names_of_labels: Mapping[str, str],
    max_chars: int,
    alarm: Mapping[str, Any],
    extra: Path | None = None,
) -> Rows:
    """Read CSV files with the columns text and label, one source each.

    `names_of_labels` maps what may stand in the label column (case folded) to a label, or to the name of the
    `alarm`, as the manifest has it: the row then has one of its labels, nobody knows which. A text that an
    earlier row has, white space and width apart, is left out, so that no text is on both sides of a split;
    a warning names those that the earlier row gives another label. Labels that no row has are left out of the
    answer. `extra` adds rows of the labels that the others have, and no label of its own. A text
    of more than `max_chars`, which the API would refuse, is used, and a warning names its line. Raises
    UnusableRows with the file, the line and the fix.
    """
    seen: dict[str, Seen] = {}
    sources = [read_source(path, names_of_labels, seen, max_chars) for path in paths]
    present = tuple(label for label in labels if any(label in source.labels for source in sources))
    counts = Counter(label for source in sources for label in source.labels)
    _check_counts(counts, present, labels)
    if extra is not None:
        sources.append(_only(present, read_source(extra, names_of_labels, seen, max_chars)))
    rows = _joined(sources, present, alarm)
    rows.warnings.extend(_shortfalls(counts, labels))
    return rows


def _only(labels: Sequence[str], source: Source) -> Source:
    kept = [label in labels for label in source.labels]
    return Source(
        source.name,
        source.max_chars,
        texts=list(compress(source.texts, kept)),
        labels=list(compress(source.labels, kept)),
    )


def _check_counts(counts: Mapping[str, int], present: Sequence[str], labels: Sequence[str]) -> None:
    if len(present) < 2:
        raise UnusableRows(
            f"Rows of two labels or more of {', '.join(labels)} are needed, and all usable rows are"
            f" {' or '.join(sorted(counts)) or 'none'}."
        )
    for label in present:
        if counts[label] < ROWS_MIN_COUNT:
            raise UnusableRows(
                f"{label!r} has {counted(counts[label], 'row')}; at least {ROWS_MIN_COUNT} of each label are"
                f" needed: add {ROWS_MIN_COUNT - counts[label]}, or leave that label out."
            )


def _told_apart(source: Source, labels: tuple[str, ...], alarm: Mapping[str, Any]) -> list[bool]:
    """A file of one label is one part of rows that somebody put into a file a label: it knows them all."""
    found = set(source.labels)
    meant = found | set(alarm["labels"]) if alarm and alarm["name"] in found else found
    return [label in meant or len(found) == 1 for label in labels]


def _shortfalls(counts: Mapping[str, int], labels: Sequence[str]) -> Iterator[str]:
    total = sum(counts.values())
    if total < ROWS_FEW_COUNT:
        yield f"{total} rows are few: figures on them are good to about {98 / total**0.5:.0f} points."
    for label in labels:
        if not counts[label]:
            yield f"No row is {label!r}: the model will not know that label."


def _joined(sources: Sequence[Source], labels: tuple[str, ...], alarm: Mapping[str, Any]) -> Rows:
    used = [source for source in sources if source.texts]
    names = (*labels, alarm["name"]) if alarm else labels
    place = {name: number for number, name in enumerate(names)}
    told_apart = [_told_apart(source, labels, alarm) for source in used]
    numbers = np.repeat(np.arange(len(used)), [len(source.texts) for source in used])
    return Rows(
        labels=labels,
        source_names=tuple(source.name for source in used),
        texts=[text for source in used for text in source.texts],
        targets=np.array([place[label] for source in used for label in source.labels], np.int64),
        sources=numbers,
        candidates=np.array(told_apart, bool)[numbers],
        warnings=[line for source in sources for line in warnings(source)],
        alarm=np.array([label in alarm["labels"] for label in labels]) if alarm else None,
    )
