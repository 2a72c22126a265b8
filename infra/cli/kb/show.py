"""What there is in a knowledge base, and what it falls short in."""

from collections.abc import Iterator, Sequence

from rich.markup import escape
from rich.table import Table

from coldframe.triage.document import VERDICTS, Document, Problem
from models.forge.source import counted

PHRASINGS_FEW_COUNT, PROBLEMS_FEW_COUNT = 3, 3
_SHOWN = 3


def overview(document: Document) -> Table:
    """A row for each category: its problems, their phrasings, and their verdicts where there are any."""
    verdicts = VERDICTS if document.judges else ()
    table = Table(title=escape(document.title))
    for heading in ("category", "problems", "phrasings", *(_word(verdict) for verdict in verdicts)):
        table.add_column(heading, justify="left" if heading == "category" else "right")
    for label in document.labels:
        table.add_row(escape(label), *_counts(_of(document, label), verdicts))
    table.add_section()
    table.add_row("all", *_counts(document.problems, verdicts))
    return table


def shortcomings(document: Document) -> Iterator[str]:
    """What matters for how well it will do, a sentence each."""
    few = [one.problem for one in document.problems if len(one.phrasings) < PHRASINGS_FEW_COUNT]
    if few:
        yield (
            f"{counted(len(few), 'problem')} with fewer than {PHRASINGS_FEW_COUNT} phrasings ({_few(few)}):"
            " write down how people really report them."
        )
    small = [label for label in document.labels if len(_of(document, label)) < PROBLEMS_FEW_COUNT]
    if small:
        small_ones = "1 category" if len(small) == 1 else f"{len(small)} categories"
        yield (
            f"{small_ones} with fewer than {PROBLEMS_FEW_COUNT} problems ({_few(small)}):"
            " what is not known of them goes to others."
        )
    if not document.out_of_scope:
        yield "no out_of_scope: add texts that are none of these problems, so that such are told apart."


def _of(document: Document, label: str) -> list[Problem]:
    return [problem for problem in document.problems if problem.category == label]


def _counts(problems: Sequence[Problem], verdicts: Sequence[str]) -> list[str]:
    phrasings = sum(len(problem.phrasings) for problem in problems)
    judged = [sum(problem.automation == verdict for problem in problems) for verdict in verdicts]
    return [f"{count:,}" for count in (len(problems), phrasings, *judged)]


def _word(verdict: str) -> str:
    return verdict.removesuffix("_AUTOMATABLE").lower()


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
