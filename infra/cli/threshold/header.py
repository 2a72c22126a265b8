"""Tell in a scored file's header the model's answer, at its end, from the owner's own columns."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from coldframe.decisions import FLAGS, decision
from coldframe.errors import ColdframeError
from coldframe.manifest import Manifest

LABEL = "label"


class UnusableFile(ColdframeError):
    """Raise when a file does not say what is needed to choose a threshold, naming the fix."""


class Columns(NamedTuple):
    """The place of the truth, and of the first score; scores go on to the end, in the order of `scored`."""

    truth: int
    first_score: int
    scored: tuple[str, ...]


def answer_columns(manifest: Manifest) -> tuple[str, ...]:
    """Return what a scored file ends with: the label, the alarm's probability if there is one, the scores.

    The words before the label depend on the thresholds, and so may differ in a version before.
    """
    columns = decision(manifest).columns
    return columns[columns.index(LABEL) :]


def find_columns(header: Sequence[str], manifest: Manifest, truth: str | None) -> Columns:
    """Find the truth among the owner's columns, never among the model's. Raises `UnusableFile`."""
    answer = answer_columns(manifest)
    own, end = list(header[: -len(answer)]), header[-len(answer) :]
    if len(end) < len(answer) or not all(map(_is_named, end, answer)):
        raise UnusableFile(
            f"The file does not end with the columns {', '.join(answer)}, which scoring adds: give what"
            f" coldframe batch FILE --model {manifest.name} wrote, with nothing moved or added behind it."
        )
    if not set(own).isdisjoint(answer[1:]):
        raise UnusableFile(
            "The file holds answers of the model twice: score your own rows, without any answer in them."
        )
    alarm = (manifest.alarm["name"],) if manifest.alarm else ()
    words = _words_behind(own, manifest)
    place = _truth(own[: len(own) - words], header[len(own) - words :], truth)
    return Columns(place, len(own) + 1, (*alarm, *manifest.labels))


def _words_behind(own: Sequence[str], manifest: Manifest) -> int:
    """How many columns before the model's label are its answer too: its words, of this version or flags."""
    columns = decision(manifest).columns
    for words in (columns[: columns.index(LABEL)], (FLAGS,)):
        behind = own[len(own) - len(words) :]
        if words and len(behind) == len(words) and all(map(_is_named, behind, words)):
            return len(words)
    return 0


def _is_named(name: str, wanted: str) -> bool:
    """Scoring adds a number to a name that the file has already."""
    return re.fullmatch(rf"{re.escape(wanted)}(_\d+)?", name) is not None


def _plain(name: str) -> str:
    return name.strip().casefold()


def _truth(own: list[str], end: Sequence[str], wanted: str | None) -> int:
    found = [place for place, name in enumerate(own) if name == (wanted or LABEL)]
    found = found or [place for place, name in enumerate(own) if _plain(name) == _plain(wanted or LABEL)]
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        problem = (
            f"{len(found)} of your columns are named {wanted or LABEL!r}: leave that name to one of them"
        )
    elif (wanted or LABEL) in end:
        problem = (
            f"The column {wanted or LABEL!r} is what the model answered, which is no truth: name the column"
            " in which you have labelled the rows (--truth COLUMN)"
        )
    else:
        problem = (
            f"None of your columns is named {wanted or LABEL!r}: name the one with the truth (--truth COLUMN)"
        )
    raise UnusableFile(f"{problem}. Yours: {', '.join(own) or 'none'}.")
