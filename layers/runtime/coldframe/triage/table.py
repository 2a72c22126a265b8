"""A ticket's answer as a row of a table: what of it stands in a file's columns, and in the log."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property

from coldframe.decisions import Row
from coldframe.predictor import Answer
from coldframe.triage.document import VERDICTS, Category, Document

_LABEL = "business_category"
_VERDICT = "automation_category"
_WORDS = ("routing_team", "priority_level", "specific_problem", _VERDICT, "in_scope", _LABEL)
_NUMBERS = ("confidence", "sla_hours", "urgency_score", "problem_confidence", "similarity")
_NUMBERS_OF_VERDICT = ("automation_percentage", "automation_confidence")
_WIDEST_ROUNDED = -0.111111  # a similarity may be below 0


class Table:
    """The columns of one knowledge base: words, of which the label is last, then numbers."""

    def __init__(self, document: Document) -> None:
        judges = document.judges
        self._document = document
        self._words = tuple(word for word in _WORDS if judges or word != _VERDICT)
        self._numbers = (*_NUMBERS, *_NUMBERS_OF_VERDICT) if judges else _NUMBERS
        self.columns = (*self._words, *self._numbers)

    def of(self, answers: Sequence[Answer]) -> tuple[tuple[str, ...], list[Row]]:
        """Return columns and rows: as much of them as answers of some tiers have."""
        flat = list(map(_flat, answers))
        said = flat[0] if flat else {}
        words = tuple(name for name in self._words if name in said)
        numbers = tuple(name for name in self._numbers if name in said)
        rows = [(tuple(_word(one[w]) for w in words), tuple(one[n] for n in numbers)) for one in flat]
        return (*words, *numbers), rows

    @cached_property
    def widest(self) -> list[Row]:
        """As in Predictor: a row for each route, with the widest of all else."""
        title = max((one.problem for one in self._document.problems), key=_written_bytes)
        widest = {
            "specific_problem": f'{title}"',  # so it stands between quotation marks whatever the delimiter is
            _VERDICT: max(VERDICTS, key=len),
            "in_scope": "false",
        }
        return [self._row(widest | _routed(one), one.sla_hours) for one in self._document.categories]

    def _row(self, words: Mapping[str, str], sla_hours: int) -> Row:
        numbers = {"sla_hours": sla_hours}
        return (
            tuple(words[name] for name in self._words),
            tuple(numbers.get(name, _WIDEST_ROUNDED) for name in self._numbers),
        )


def _flat(answer: Answer) -> Answer:
    """An answer with the similarity that its row has."""
    similar = answer.get("similar_problems")
    return answer | {"similarity": similar[0]["similarity"]} if similar else answer


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value or "")


def _routed(route: Category) -> dict[str, str]:
    return {"routing_team": route.routing_team, "priority_level": route.priority, _LABEL: route.category}


def _written_bytes(cell: str) -> int:
    """The bytes of a cell between quotation marks, as a part of a string in JSON."""
    return len(json.dumps(cell.replace('"', '""'), ensure_ascii=False).encode())
