"""SAFE or UNSAFE: what each step found, and the limits that the figures are held to."""

from typing import NamedTuple

from models.forge.gate.rule import SAFE, UNSAFE
from models.forge.knowledge.safety.measure import Measured, Ways

# What stored embeddings are for. The ticket triage opens some 300 times as fast with them.
OPENING_RATIO_MIN = 5.0
# Fewer texts are embedded in about the time that the encoder takes to open: then it need not be slower.
TEXTS_MIN_COUNT = 500
# Both ways do the same work for a ticket; medians of the same work differ by a few hundredths.
SLOWER_RATIO_MAX = 1.1
_SHOWN_COUNT = 3


class Step(NamedTuple):
    """One step: what was found, and what is wrong with it, a sentence each."""

    name: str
    found: str
    reasons: tuple[str, ...]


class Safety(NamedTuple):
    """All steps of a version's run."""

    version: str
    steps: tuple[Step, ...]

    @property
    def verdict(self) -> str:
        """SAFE if nothing is wrong, else UNSAFE."""
        return UNSAFE if self.reasons else SAFE

    @property
    def reasons(self) -> list[str]:
        """All that is wrong, with the step's name."""
        return [f"{step.name}: {reason}" for step in self.steps for reason in step.reasons]


def same_answers(measured: Measured) -> Step:
    """Hold the answers of both ways to each other: no field but the times may differ by a bit."""
    count = len(measured.differing)
    found = f"{measured.tickets_count:,} tickets, all fields but times: {count:,} differ"
    more = " …" if count > _SHOWN_COUNT else ""
    reason = (
        f"{count:,} of {measured.tickets_count:,} answers differ with and without stored embeddings"
        f" ({'; '.join(measured.differing[:_SHOWN_COUNT])}{more})"
    )
    return Step("Same answers", found, (reason,) if count else ())


def timings(measured: Measured) -> Step:
    """Hold the times to the limits above."""
    opening, ticket = measured.open_ms, measured.ticket_ms
    found = (
        f"opening {_two(opening, 0)} without, {1 / opening.ratio:,.1f} times as fast; "
        f"a ticket {_two(ticket, 2)} without, ratio {ticket.ratio:.2f}"
    )
    many = measured.texts_count >= TEXTS_MIN_COUNT
    most = 1 / OPENING_RATIO_MIN if many else SLOWER_RATIO_MAX
    limits = (("opening", opening, most), ("a ticket", ticket, SLOWER_RATIO_MAX))
    reasons = tuple(
        f"{what} takes {two.ratio:.2f} times as long with stored embeddings as without; {limit:g} is allowed"
        for what, two, limit in limits
        if not two.ratio <= limit
    )
    return Step("Timings of both", found, reasons)


def missing_assets(faults: list[str], tried_count: int, measured: Measured) -> Step:
    """Tell what must be refused; without the embeddings the answers must be the same."""
    same = "differ" if measured.differing else "are the same"
    found = f"{_refused(faults, tried_count)}; without the embeddings the answers {same}"
    other = ("the way without embeddings gives other answers: see the first step",)
    return Step("Missing assets", found, (*faults, *(other if measured.differing else ())))


def stale_assets(faults: list[str], tried_count: int) -> Step:
    """Tell what must be refused."""
    return Step("Stale assets", _refused(faults, tried_count), tuple(faults))


def corrupt_assets(faults: list[str], tried_count: int, gone: list[str], slots_count: int) -> Step:
    """Tell what must be refused, and of the versions before, which must stay."""
    kept = f"the version before stays in {slots_count - len(gone):,} of {slots_count:,}"
    return Step("Corrupt assets", f"{_refused(faults, tried_count)}; {kept}", (*faults, *gone))


def _refused(faults: list[str], tried_count: int) -> str:
    return f"{tried_count - len(faults):,} of {tried_count:,} refused"


def _two(two: Ways, digits: int) -> str:
    return f"{two.stored:,.{digits}f} ms, {two.computed:,.{digits}f} ms"
