"""What is known: categories, problems as people report them, and what can be automated of each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from coldframe.errors import MalformedArtifact
from coldframe.triage.checks import check_known, check_types, listed

_T = TypeVar("_T")

VERDICTS = ("FULLY_AUTOMATABLE", "PARTIALLY_AUTOMATABLE", "NOT_AUTOMATABLE")
PRIORITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
COMPLEXITIES = ("LOW", "MEDIUM", "HIGH")


@dataclass(frozen=True)
class Category:
    """A business category: who sees to its tickets, how urgent they are in themselves, within how long."""

    category: str
    description: str
    keywords: tuple[str, ...] = ()
    routing_team: str = ""
    priority: str = "MEDIUM"
    sla_hours: int = 24


@dataclass(frozen=True)
class Problem:
    """A known problem: how it is reported, what can be automated of it; `automation` is empty if unknown."""

    problem: str
    category: str
    phrasings: tuple[str, ...]
    automation: str = ""
    percentage: int = 0
    reasoning: str = ""
    priority: str = "MEDIUM"
    complexity: str = "MEDIUM"


@dataclass(frozen=True)
class Signal:
    """Expressions that speak for a verdict, whatever the problem."""

    words: tuple[str, ...]
    automation: str
    percentage: int
    reasoning: str


@dataclass(frozen=True)
class Urgency:
    """What expressions add to a ticket's urgency, or take from it."""

    raises: Mapping[str, float] = field(default_factory=dict)
    lowers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """A knowledge base. `fallback` is the category of tickets that no other is certain of, or empty."""

    title: str
    categories: tuple[Category, ...]
    problems: tuple[Problem, ...]
    fallback: str = ""
    urgency: Urgency = field(default_factory=Urgency)
    signals: tuple[Signal, ...] = ()
    out_of_scope: tuple[str, ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read it from JSON as `coldframe kb build` writes it. Raises `MalformedArtifact`."""
        try:
            return cls.of(json.loads(data))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise MalformedArtifact(f"the knowledge base has not the expected form: {error!r}") from error

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """Make it of lists and dictionaries.

        Raises KeyError, TypeError or ValueError where they have another form, or name what is not there.
        """
        document = cls(
            title=content["title"],
            categories=tuple(_made(Category, one, "keywords") for one in listed(content["categories"])),
            problems=tuple(_made(Problem, one, "phrasings") for one in listed(content["problems"])),
            fallback=content.get("fallback", ""),
            urgency=Urgency(**content.get("urgency", {})),
            signals=tuple(_made(Signal, one, "words") for one in listed(content.get("signals", ()))),
            out_of_scope=listed(content.get("out_of_scope", ())),
        )
        document._check()
        return document

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the categories."""
        return tuple(category.category for category in self.categories)

    @property
    def judges(self) -> bool:
        """Say whether it knows what can be automated."""
        return any(problem.automation for problem in self.problems)

    @property
    def texts(self) -> list[str]:
        """What is embedded, in order: each problem's phrasings, then each category's two texts."""
        phrasings = [phrasing for problem in self.problems for phrasing in problem.phrasings]
        about = [(one.description, ", ".join(one.keywords) or one.description) for one in self.categories]
        return [*phrasings, *(text for pair in about for text in pair)]

    def _check(self) -> None:
        """Raise ValueError unless its types are right, what it names is there and problems can be found."""
        for part in (self, self.urgency, *self.categories, *self.problems, *self.signals):
            check_types(part)
        verdicts = VERDICTS if self.judges else ("",)
        percentages = [*(one.percentage for one in self.problems), *(one.percentage for one in self.signals)]
        priorities = [*(one.priority for one in self.problems), *(one.priority for one in self.categories)]
        if not self.problems or not all(problem.phrasings for problem in self.problems):
            raise ValueError("it needs problems, each with phrasings")
        if not all(0 <= percentage <= 100 for percentage in percentages):
            raise ValueError("a percentage is not from 0 to 100")
        check_known((one.category for one in self.problems), self.labels, "a problem's category")
        check_known((self.fallback,), ("", *self.labels), "the fallback")
        check_known((one.automation for one in self.problems), verdicts, "a problem's verdict")
        check_known((one.automation for one in self.signals), VERDICTS, "a signal's verdict")
        check_known(priorities, PRIORITIES, "a priority")
        check_known((one.complexity for one in self.problems), COMPLEXITIES, "a complexity")


def _made(kind: type[_T], content: Mapping[str, Any], items: str) -> _T:
    return kind(**{**content, items: listed(content.get(items, ()))})
