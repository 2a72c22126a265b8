"""What is wrong with a knowledge base, gathered, so that one run tells of all of it."""

from coldframe.errors import ColdframeError

FAULTS_SHOWN_COUNT = 20


class UnusableKnowledge(ColdframeError):
    """Raise when a file cannot be used as a knowledge base: the message has a line for each fault."""


class Faults:
    """The faults of one file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: list[tuple[int, str]] = []

    def add(self, line: int, field: str, wrong: str, fix: str) -> None:
        """Note that the field which stands on this line, from 1, is wrong, and what to do."""
        self._found.append((line, f"{self._name} line {line:,}: {field}: {wrong}: {fix}"))

    def refusal(self, line: int, field: str, wrong: str, fix: str) -> UnusableKnowledge:
        """The error to raise where a fault keeps the rest from being read."""
        self.add(line, field, wrong, fix)
        return UnusableKnowledge(self._listed())

    def check(self) -> None:
        """Raise `UnusableKnowledge` if there is any fault, with the first FAULTS_SHOWN_COUNT by line."""
        if self._found:
            raise UnusableKnowledge(self._listed())

    def _listed(self) -> str:
        shown = [fault for _, fault in sorted(self._found)[:FAULTS_SHOWN_COUNT]]
        more = len(self._found) - len(shown)
        return "\n".join([*shown, f"… and {more:,} more."] if more else shown)
