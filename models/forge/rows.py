"""Labelled texts from CSV files, and what is wrong with them."""

import csv
import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coldframe import ngrams
from coldframe.errors import ColdframeError

ROWS_MIN_COUNT = 20  # of each label: below it neither five folds nor a figure mean anything
ROWS_FEW_COUNT = 1_000  # in all: below it figures are rough
FIELD_MAX_CHARS = 1_000_000
_COLUMNS = ("text", "label")
_LINES_SHOWN = 5


class UnusableRows(ColdframeError):
    """Raise when a file of rows cannot be trained on as it is."""


@dataclass(frozen=True)
class Rows:
    """Texts with labels, from one or more sources.

    targets: (rows,) places in labels. sources: (rows,) places in source_names. candidates: (rows, labels),
    bool, the labels that the source tells apart; a source of two labels says nothing of a third.
    """

    labels: tuple[str, ...]
    source_names: tuple[str, ...]
    texts: list[str]
    targets: NDArray[np.int64]
    sources: NDArray[np.int64]
    candidates: NDArray[np.bool_]
    warnings: list[str] = field(default_factory=list)

    def take(self, places: NDArray[np.int64]) -> "Rows":
        """The rows at these places."""
        return replace(
            self,
            texts=[self.texts[place] for place in places],
            targets=self.targets[places],
            sources=self.sources[places],
            candidates=self.candidates[places],
        )


@dataclass
class _Source:
    name: str
    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    unknown: dict[int, str] = field(default_factory=dict)  # line number: what stands there
    empty: list[int] = field(default_factory=list)
    repeated: int = 0


def read_rows(
    paths: Sequence[Path], labels: Sequence[str], names_of_labels: Mapping[str, str], extra: Path
) -> Rows:
    """Read CSV files with the columns text and label, one source each.

    `names_of_labels` maps what may stand in the label column (case folded) to a label. A text that an
    earlier row has, white space and width apart, is left out, so that no text is on both sides of a split.
    Labels that no row has are left out of the answer. `extra` adds rows of the labels that the others have,
    and no label of its own. Raises UnusableRows with the file, the line and the fix.
    """
    seen: set[str] = set()
    sources = [_read_source(path, names_of_labels, seen) for path in paths]
    present = tuple(label for label in labels if any(label in source.labels for source in sources))
    counts = Counter(label for source in sources for label in source.labels)
    _check_counts(counts, present)
    rows = _joined([*sources, _only(present, _read_source(extra, names_of_labels, seen))], present)
    rows.warnings.extend(_shortfalls(counts, labels))
    return rows


def _read_source(path: Path, names_of_labels: Mapping[str, str], seen: set[str]) -> _Source:
    source = _Source(path.stem)
    for line, text, name in _read_csv(path):
        label = names_of_labels.get(name.strip().casefold())
        key = ngrams.normalize(text)
        if label is None:
            source.unknown[line] = name
        elif not key:
            source.empty.append(line)
        elif key in seen:
            source.repeated += 1
        else:
            seen.add(key)
            source.texts.append(text)
            source.labels.append(label)
    if source.unknown:
        raise UnusableRows(_unknown_labels(path, source.unknown, names_of_labels))
    return source


def _only(labels: Sequence[str], source: _Source) -> _Source:
    kept = [(text, label) for text, label in zip(source.texts, source.labels, strict=True) if label in labels]
    return _Source(source.name, [text for text, _ in kept], [label for _, label in kept])


def _read_csv(path: Path) -> Iterator[tuple[int, str, str]]:
    csv.field_size_limit(FIELD_MAX_CHARS)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            _check_columns(path, reader.fieldnames or [])
            for row in reader:
                yield reader.line_num, row["text"] or "", row["label"] or ""
    except UnicodeDecodeError as error:
        raise UnusableRows(
            f"{path.name}: byte {error.start} is not UTF-8. Save the file as UTF-8"
            f" (from Excel: 'CSV UTF-8'; from Shift_JIS: iconv -f CP932 -t UTF-8)."
        ) from error
    except (csv.Error, OSError) as error:
        raise UnusableRows(f"{path.name}: not a readable CSV file: {error}") from error


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    for wanted in _COLUMNS:
        if wanted not in columns:
            near = difflib.get_close_matches(wanted, columns, n=1, cutoff=0.4)
            fix = f"rename {near[0]!r} to {wanted!r}" if near else f"name the columns {', '.join(_COLUMNS)}"
            raise UnusableRows(
                f"{path.name}: line 1 has no column {wanted!r}: {fix}. It has {list(columns)}."
            )


def _unknown_labels(path: Path, unknown: Mapping[int, str], known: Mapping[str, str]) -> str:
    shown = ", ".join(f"line {line}: {name!r}" for line, name in list(unknown.items())[:_LINES_SHOWN])
    more = f" and {len(unknown) - _LINES_SHOWN} more" if len(unknown) > _LINES_SHOWN else ""
    return f"{path.name}: {len(unknown)} unknown labels ({shown}{more}). Use one of {', '.join(known)}."


def _check_counts(counts: Mapping[str, int], labels: Sequence[str]) -> None:
    if len(labels) < 2:
        raise UnusableRows(f"Rows of two labels or more are needed, and all usable rows are {list(labels)}.")
    for label in labels:
        if counts[label] < ROWS_MIN_COUNT:
            raise UnusableRows(
                f"{counts[label]} rows are {label!r}; at least {ROWS_MIN_COUNT} of each label are needed:"
                f" add {ROWS_MIN_COUNT - counts[label]}, or leave that label out."
            )


def _told_apart(source: _Source, labels: tuple[str, ...]) -> list[bool]:
    """A file of one label is one part of rows that somebody put into a file a label: it knows them all."""
    found = set(source.labels)
    return [label in found or len(found) == 1 for label in labels]


def _shortfalls(counts: Mapping[str, int], labels: Sequence[str]) -> Iterator[str]:
    total = sum(counts.values())
    if total < ROWS_FEW_COUNT:
        yield f"{total} rows are few: figures on them are good to about {98 / total**0.5:.0f} points."
    for label in labels:
        if not counts[label]:
            yield f"No row is {label!r}: the model will not know that label."


def _joined(sources: Sequence[_Source], labels: tuple[str, ...]) -> Rows:
    used = [source for source in sources if source.texts]
    place = {label: number for number, label in enumerate(labels)}
    told_apart = [_told_apart(source, labels) for source in used]
    numbers = np.repeat(np.arange(len(used)), [len(source.texts) for source in used])
    return Rows(
        labels=labels,
        source_names=tuple(source.name for source in used),
        texts=[text for source in used for text in source.texts],
        targets=np.array([place[label] for source in used for label in source.labels], np.int64),
        sources=numbers,
        candidates=np.array(told_apart, bool)[numbers],
        warnings=[line for source in sources for line in _warnings(source)],
    )


def _warnings(source: _Source) -> Iterator[str]:
    if source.empty:
        lines = ", ".join(str(line) for line in source.empty[:_LINES_SHOWN])
        yield f"{source.name}: left out {len(source.empty)} rows without text (first lines: {lines})."
    if source.repeated:
        yield f"{source.name}: left out {source.repeated} rows whose text an earlier row has."
    if not source.texts:
        yield f"{source.name}: no usable row."
