"""What is wrong with a knowledge base, gathered, so that one run tells of all of it."""

import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from coldframe.errors import ColdframeError

FAULTS_SHOWN_COUNT = 20
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")  # as YAML has it
_PART_MAX_CHARS = 300  # of a message: a value that does not belong there may be long

Fix: TypeAlias = str | Callable[[], str]  # called for what is shown only: a search for a near name takes time


class UnusableKnowledge(ColdframeError):
    """Raise when a file cannot be used as a knowledge base: the message has a line for each fault."""


class _Fault(NamedTuple):
    line: int
    field: str
    wrong: str
    fix: Fix


class Faults:
    """The faults of one file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: list[_Fault] = []

    def add(self, line: int, field: str, wrong: str, fix: Fix) -> None:
        """Note that the field which stands on this line, from 1, is wrong, and what to do."""
        self._found.append(_Fault(line, field, wrong, fix))

    def refusal(self, line: int, field: str, wrong: str, fix: Fix) -> UnusableKnowledge:
        """The error to raise where a fault keeps the rest from being read."""
        self.add(line, field, wrong, fix)
        return UnusableKnowledge(self._listed())

    def refuse_controls(self, text: str, line: int) -> None:
        """Raise `UnusableKnowledge` where this text, which begins on this line, has a control character."""
        if control := _CONTROLS.search(text):
            at = line + text.count("\n", 0, control.start())
            raise self.refusal(at, "file", f"it has the control character {control[0]!r}", "delete it")

    def check(self) -> None:
        """Raise `UnusableKnowledge` if there is any fault, with the first FAULTS_SHOWN_COUNT by line."""
        if self._found:
            raise UnusableKnowledge(self._listed())

    def _listed(self) -> str:
        by_line = sorted(self._found, key=lambda fault: fault.line)
        shown = [self._shown(*fault) for fault in by_line[:FAULTS_SHOWN_COUNT]]
        more = len(by_line) - len(shown)
        return "\n".join([*shown, f"… and {more:,} more."] if more else shown)

    def _shown(self, line: int, field: str, wrong: str, fix: Fix) -> str:
        parts = (field, wrong, fix if isinstance(fix, str) else fix())
        cut = (part[:_PART_MAX_CHARS] + "…" * (len(part) > _PART_MAX_CHARS) for part in parts)
        return f"{self._name} line {line:,}: {': '.join(cut)}"
