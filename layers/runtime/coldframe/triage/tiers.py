"""What is answered of the evidence: category and route, known problem, what can be automated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coldframe import limits
from coldframe.triage.document import PRIORITIES, VERDICTS, Category, Document, Problem, Signal
from coldframe.triage.evidence import Candidate, Evidence, logistic, shares
from coldframe.triage.expressions import Expressions

Fields = dict[str, Any]
_DIGITS = 6
_URGENCY_OF_PRIORITY = dict(zip(PRIORITIES, (0.2, 0.4, 0.6, 0.8), strict=True))
NOT_IN_SCOPE = "It does not read like a ticket in English, so nothing is known that could be automated."
OWN_WORDS = "No known problem near it is of this kind; its own words are."


@dataclass(frozen=True)
class Scope:
    """Whether a text is one that the knowledge base is about, and whether its category is certain enough."""

    in_scope: bool
    probability: float
    certain: bool


class Tiers:
    """The three tiers of one knowledge base; `in_scope` and `certain` are least probabilities."""

    def __init__(self, document: Document, in_scope: float, certain: float) -> None:
        self._document, self._in_scope, self._certain = document, in_scope, certain
        self._fallback = next((one for one in document.categories if one.category == document.fallback), None)
        lowered = {word: -by for word, by in document.urgency.lowers.items()}
        self._urgency = Expressions({**document.urgency.raises, **lowered})
        self._signals = Expressions({word: signal for signal in document.signals for word in signal.words})
        self._typical = {verdict: _median_percentage(document, verdict) for verdict in VERDICTS}

    def scope(self, evidence: Evidence) -> Scope:
        """Say what the other tiers are held to."""
        probability = logistic(evidence.scope)
        certain = max(shares(evidence.categories)) >= self._certain
        return Scope(probability >= self._in_scope, probability, certain)

    def first(self, evidence: Evidence, scope: Scope) -> Fields:
        """The category, who sees to it and how soon. One that is not certain goes to the fallback."""
        confidences = shares(evidence.categories)
        likeliest = confidences.index(max(confidences))
        category = self._document.categories[likeliest]
        settled = scope.in_scope and scope.certain
        route = category if settled or self._fallback is None else self._fallback
        return {
            "business_category": route.category,
            "routing_team": route.routing_team,
            "priority_level": route.priority,
            "sla_hours": route.sla_hours,
            "confidence": round(confidences[likeliest], _DIGITS),
            "low_confidence": not settled,
            "likeliest_category": category.category,
            "urgency_score": self._urgency_of(evidence.words, route),
        }

    def second(self, evidence: Evidence, scope: Scope) -> Fields:
        """The nearest known problem, and those after it."""
        confidences = shares([candidate.score for candidate in evidence.candidates])
        nearest = evidence.candidates[: limits.SIMILAR_PROBLEMS_COUNT]
        similar = [
            {"problem": self._problem(one).problem, "similarity": round(one.similarity, _DIGITS)}
            for one in nearest
        ]
        return {
            "specific_problem": similar[0]["problem"] if scope.in_scope else None,
            "problem_confidence": round(confidences[0], _DIGITS) if scope.in_scope else 0.0,
            "similar_problems": similar,
        }

    def third(self, evidence: Evidence, scope: Scope) -> Fields:
        """What can be automated, and why: as with the nearest known problem of that verdict."""
        if not scope.in_scope:
            return _verdict("NOT_AUTOMATABLE", 0, NOT_IN_SCOPE, 1 - scope.probability)
        confidences = shares(evidence.verdicts)
        verdict = VERDICTS[confidences.index(max(confidences))]
        signal = next((one for one in self._signals.find(evidence.words) if one.automation == verdict), None)
        alike = [self._problem(one) for one in evidence.candidates]
        known = next((problem for problem in alike if problem.automation == verdict), None)
        percentage, reasoning = self._why(verdict, known if alike[0] is known else None, signal, known)
        nearest = known or alike[0]
        return _verdict(verdict, percentage, reasoning, max(confidences)) | {
            "business_priority": nearest.priority,
            "implementation_complexity": nearest.complexity,
        }

    def _why(
        self, verdict: str, nearest: Problem | None, signal: Signal | None, known: Problem | None
    ) -> tuple[int, str]:
        """The nearest problem's reasons if its verdict is the same, else those of the ticket's own words."""
        for reason in (nearest, signal, known):
            if reason is not None:
                return reason.percentage, reason.reasoning
        return self._typical[verdict], OWN_WORDS

    def _problem(self, candidate: Candidate) -> Problem:
        return self._document.problems[candidate.place]

    def _urgency_of(self, words: Sequence[str], category: Category) -> float:
        by = sum(self._urgency.find(words))
        return round(min(max(_URGENCY_OF_PRIORITY[category.priority] + by, 0.0), 1.0), _DIGITS)


def _verdict(verdict: str, percentage: int, reasoning: str, confidence: float) -> Fields:
    return {
        "automation_category": verdict,
        "automation_percentage": percentage,
        "automation_reasoning": reasoning,
        "automation_confidence": round(confidence, _DIGITS),
    }


def _median_percentage(document: Document, verdict: str) -> int:
    of_verdict = sorted(one.percentage for one in document.problems if one.automation == verdict)
    return of_verdict[len(of_verdict) // 2] if of_verdict else 0
