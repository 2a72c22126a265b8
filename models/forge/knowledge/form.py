"""The form of a knowledge base: its keys, what each may hold, and how much."""

from coldframe.triage.document import COMPLEXITIES, PRIORITIES, VERDICTS
from models.forge.knowledge.containers import items, keys, words
from models.forge.knowledge.fields import one_of, share, text, whole

FILE_MAX_BYTES = 20_000_000
CATEGORIES_MIN_COUNT, CATEGORIES_MAX_COUNT = 2, 100
PROBLEMS_MIN_COUNT, PROBLEMS_MAX_COUNT = 2, 1_000  # 5,000 take 18 minutes and gigabytes to fit
PHRASINGS_MAX_COUNT = 2_000  # of a problem
PHRASINGS_IN_ALL_MAX_COUNT = 30_000
OUT_OF_SCOPE_MAX_COUNT = 10_000
WORDS_MAX_COUNT = 1_000  # of a category, of a signal, and of those that raise or lower the urgency
SIGNALS_MAX_COUNT = 100
TITLE_MAX_CHARS = 200
NAME_MAX_CHARS = 100  # of a category, a team, a keyword
TEXT_MAX_CHARS = 1_000  # of a phrasing, a description, a reasoning
SLA_MAX_HOURS = 10_000
PERCENTAGES = {"FULLY_AUTOMATABLE": (80, 100), "PARTIALLY_AUTOMATABLE": (30, 79), "NOT_AUTOMATABLE": (0, 29)}

_NAME = text(NAME_MAX_CHARS, one_line=True)
_TITLE = text(TITLE_MAX_CHARS, one_line=True)
_TEXT = text(TEXT_MAX_CHARS)
_VERDICT = {"automation": one_of(VERDICTS), "percentage": whole(0, 100), "reasoning": _TEXT}
_CATEGORY = keys(
    {
        "category": _NAME,
        "description": _TEXT,
        "keywords": items(_NAME, 0, WORDS_MAX_COUNT),
        "routing_team": _NAME,
        "priority": one_of(PRIORITIES),
        "sla_hours": whole(1, SLA_MAX_HOURS),
    },
    required=("category", "description"),
)
_PROBLEM = keys(
    {
        "problem": _TITLE,
        "category": _NAME,
        **_VERDICT,
        "priority": one_of(PRIORITIES),
        "complexity": one_of(COMPLEXITIES),
        "phrasings": items(_TEXT, 1, PHRASINGS_MAX_COUNT),
    },
    required=("problem", "category", "phrasings"),
)
_SIGNAL = keys(
    {"words": items(_NAME, 1, WORDS_MAX_COUNT), **_VERDICT},
    required=("words", "automation", "percentage", "reasoning"),
)
_BY = words(_NAME, share, WORDS_MAX_COUNT)
FORM = keys(
    {
        "title": _TITLE,
        "fallback": _NAME,
        "categories": items(_CATEGORY, CATEGORIES_MIN_COUNT, CATEGORIES_MAX_COUNT),
        "problems": items(_PROBLEM, PROBLEMS_MIN_COUNT, PROBLEMS_MAX_COUNT),
        "urgency": keys({"raises": _BY, "lowers": _BY}),
        "signals": items(_SIGNAL, 0, SIGNALS_MAX_COUNT),
        "out_of_scope": items(_TEXT, 0, OUT_OF_SCOPE_MAX_COUNT),
    },
    required=("categories", "problems"),
)
