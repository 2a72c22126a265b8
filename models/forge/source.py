"""One file of labelled texts: which of its rows are used, and what is wrong with the others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from coldframe import ngrams
from models.forge.csv_file import Line, UnusableRows, read_csv

_LINES_SHOWN = 5


@dataclass
class Source:
    """The usable rows of a file, and the lines of the others."""

    name: str
    max_chars: int
    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    unlabelled: list[int] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)  # which line has which label
    empty: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)  # used, but the API would not take such a text
    contradicting: list[str] = field(default_factory=list)  # which line says what against which
    repeated: int = 0


class Seen(NamedTuple):
    """Where a text stood first, and with which label."""

    source: str
    line: int
    label: str


def read_source(
    path: Path, names_of_labels: Mapping[str, str], seen: dict[str, Seen], max_chars: int
) -> Source:
    """Read one file; `seen` holds the texts of earlier rows, normalised, and takes up those of this file.

    The API takes texts of at most `max_chars`: longer ones are used all the same, and noted. Raises
    UnusableRows with the file, the lines and the fix.
    """
    source = Source(path.stem, max_chars)
    for line in read_csv(path):
        _sort_in(source, line, names_of_labels.get(line.label.strip().casefold()), seen)
    if source.unlabelled:
        raise UnusableRows(f"{path.name}: {_unlabelled(source.unlabelled)}. {_advice(names_of_labels)}")
    if source.unknown:
        unknown = counted(len(source.unknown), "unknown label")
        raise UnusableRows(f"{path.name}: {unknown} ({_few(source.unknown)}). {_advice(names_of_labels)}")
    return source


def _sort_in(source: Source, line: Line, label: str | None, seen: dict[str, Seen]) -> None:
    key = ngrams.normalize(line.text)
    if not key:
        source.empty.append(line.number)
    elif not line.label.strip():
        source.unlabelled.append(line.number)
    elif label is None:
        source.unknown.append(f"line {line.number}: {line.label!r}")
    elif key in seen:
        _repeat(source, line.number, label, seen[key])
    else:
        seen[key] = Seen(source.name, line.number, label)
        _use(source, line, label)


def _repeat(source: Source, number: int, label: str, first: Seen) -> None:
    if label == first.label:
        source.repeated += 1
    else:
        source.contradicting.append(
            f"line {number} says {label} but {first.source} line {first.line} {first.label}"
        )


def _use(source: Source, line: Line, label: str) -> None:
    source.texts.append(line.text)
    source.labels.append(label)
    if len(line.text) > source.max_chars or "\0" in line.text:
        source.refused.append(line.number)


def warnings(source: Source) -> Iterator[str]:
    """What the trainer should know of a file that can be used, a sentence each."""
    if source.empty:
        rows = counted(len(source.empty), "row")
        yield f"{source.name}: left out {rows} without text ({_lines(source.empty)})."
    if source.repeated:
        yield f"{source.name}: left out {counted(source.repeated, 'row')} whose text an earlier row has."
    if source.contradicting:
        rows = counted(len(source.contradicting), "row")
        yield (
            f"{source.name}: left out {rows}, contradicting an earlier one of the same text"
            f" ({_few(source.contradicting)})."
        )
    if source.refused:
        texts = counted(len(source.refused), "text")
        yield (
            f"{source.name}: trained on {texts} that the API would refuse ({_lines(source.refused)}):"
            f" over {source.max_chars:,} characters, or with U+0000."
        )
    if not source.texts:
        yield f"{source.name}: no usable row."


def counted(count: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _unlabelled(numbers: Sequence[int]) -> str:
    return f"{_lines(numbers)} {'has' if len(numbers) == 1 else 'have'} no label"


def _advice(names_of_labels: Mapping[str, str]) -> str:
    return f"Use one of {', '.join(names_of_labels)}."


def _lines(numbers: Sequence[int]) -> str:
    return f"{'line' if len(numbers) == 1 else 'lines'} {_few([str(number) for number in numbers])}"


def _few(items: Sequence[str]) -> str:
    more = f" and {len(items) - _LINES_SHOWN:,} more" if len(items) > _LINES_SHOWN else ""
    return ", ".join(items[:_LINES_SHOWN]) + more
