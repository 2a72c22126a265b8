"""What a model says of texts, as a table on a screen."""

from collections.abc import Iterator, Sequence
from textwrap import shorten

from rich.table import Table

from coldframe.manifest import KNOWLEDGE
from coldframe.predictor import Answer, Predictor

TICKET_SHOWN_CHARS = 200


def table_of(texts: Sequence[str], predictor: Predictor) -> Table:
    """Answer the texts, a row each."""
    manifest = predictor.manifest
    title = f"{manifest.name} {manifest.version}"
    if manifest.kind == KNOWLEDGE:
        return _tickets(texts, predictor.predict(texts), title)
    return _labels(texts, predictor, title)


def _labels(texts: Sequence[str], predictor: Predictor, title: str) -> Table:
    rows = predictor.rows(texts)
    table = Table("text", title=title)
    table.columns[0].overflow = "fold"
    word_count = len(rows[0][0])
    for number, heading in enumerate(predictor.columns):
        table.add_column(heading.removeprefix("score_"), justify="left" if number < word_count else "right")
    for text, (words, numbers) in zip(texts, rows, strict=True):
        table.add_row(text, *words, *(f"{score:.3f}" for score in numbers))
    return table


def _tickets(texts: Sequence[str], answers: Sequence[Answer], title: str) -> Table:
    """Two lines a cell instead of fifteen narrow columns."""
    table = Table("ticket", *(heading for heading, *_ in _cells(answers[0])), title=title, show_lines=True)
    table.columns[0].overflow = "fold"
    for text, answer in zip(texts, answers, strict=True):
        cells = (f"{first}\n{second}" for _, first, second in _cells(answer))
        table.add_row(shorten(text, TICKET_SHOWN_CHARS, placeholder=" …"), *cells)
    return table


def _cells(answer: Answer) -> Iterator[tuple[str, str, str]]:
    """The heading and the two lines of each cell."""
    sure = "uncertain" if answer["low_confidence"] else f"{answer['confidence']:.3f}"
    yield "category", answer["business_category"], sure if answer["in_scope"] else "not in scope"
    yield "team", answer["routing_team"], f"{answer['priority_level']}, {answer['sla_hours']} h"
    yield "known problem", answer["specific_problem"] or "none", f"{answer['problem_confidence']:.3f}"
    if "automation_category" in answer:
        verdict = answer["automation_category"].removesuffix("_AUTOMATABLE").lower()
        yield "automatable", verdict, f"{answer['automation_percentage']} %"
