"""Rows: which of a block can be scored, and why the others cannot."""

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Examined:
    """A block's rows: the indices of those that can be scored, the text of each of these, and the others."""

    scorable: Sequence[int]
    texts: list[str]
    rejects: list[Reject]


def examine(block: Block, layout: Layout) -> Examined:
    """Tell the rows of a block apart; a blank line is no row."""
    if not block.damaged and not block.unclosed and set(map(len, block.rows)) == {len(layout.header)}:
        texts = [cells[layout.column] for cells in block.rows]
        if not any(map(fault, texts)):  # as in most blocks: three times faster than row by row
            return Examined(range(len(texts)), texts, [])
    reasons = [_reason(block, index, layout) for index in range(len(block.rows))]
    scorable = [index for index, reason in enumerate(reasons) if reason is None]
    rejects = [_reject(block, index, reason) for index, reason in enumerate(reasons) if reason]
    return Examined(scorable, [block.rows[index][layout.column] for index in scorable], rejects)


def fault(text: str) -> str | None:
    """Say why a text cannot be scored; the API refuses the same ones."""
    if not text.strip():
        return BLANK
    if len(text) > limits.TEXT_MAX_CHARS:
        return TOO_LONG
    return NUL if "\0" in text else None


def _reject(block: Block, index: int, reason: str) -> Reject:
    cells = block.rows[index]
    whole = cells if len(cells) <= limits.BATCH_CELLS_MAX_COUNT else [block.texts[index]]
    return Reject(block.lines[index], reason, whole)


def _reason(block: Block, index: int, layout: Layout) -> str | None:
    """Why a row cannot be scored; None when it can, and "" for a blank line."""
    cells = block.rows[index]
    if not cells:
        return ""
    if index in block.unclosed:
        return UNCLOSED
    if len(cells) != len(layout.header):
        return CELLS
    if block.damaged and any(map(is_damaged, cells)):
        return UNDECODABLE
    return fault(cells[layout.column])
