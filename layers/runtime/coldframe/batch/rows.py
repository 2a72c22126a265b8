"""Rows: which of a block can be scored, and why the others cannot."""

from dataclasses import dataclass, field

from coldframe import limits
from coldframe.batch.encoding import is_damaged
from coldframe.batch.layout import Layout
from coldframe.batch.records import Block

UNCLOSED = "a quotation mark is never closed"
CELLS = "not as many cells as the header"
UNDECODABLE = "bytes that are not in the file's encoding"
BLANK = "the text is blank"
TOO_LONG = f"the text is longer than {limits.TEXT_MAX_CHARS:,} characters"
NUL = "the text holds the character U+0000"


@dataclass(frozen=True)
class Reject:
    """A row that cannot be scored, with the line on which it begins."""

    line: int
    reason: str
    cells: list[str]


@dataclass
class Examined:
    """A block's rows: `scorable` are the indices of those whose `texts` go to the model."""

    scorable: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def examine(block: Block, layout: Layout) -> Examined:
    """Tell the rows of a block apart; a blank line is no row."""
    examined = Examined()
    width, column = len(layout.header), layout.column
    for index, cells in enumerate(block.rows):
        reason = None
        if len(cells) != width:
            reason = CELLS
        elif text_fault := fault(cells[column]):
            reason = text_fault
        if block.damaged and any(map(is_damaged, cells)):
            reason = UNDECODABLE
        if index in block.unclosed:
            reason = UNCLOSED
        if reason is None:
            examined.scorable.append(index)
            examined.texts.append(cells[column])
        elif cells:
            examined.rejects.append(Reject(block.lines[index], reason, cells))
    return examined


def fault(text: str) -> str | None:
    """Say why a text cannot be scored; the API refuses the same ones."""
    if not text.strip():
        return BLANK
    if len(text) > limits.TEXT_MAX_CHARS:
        return TOO_LONG
    return NUL if "\0" in text else None
