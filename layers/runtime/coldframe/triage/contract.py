"""What `POST /{name}/classify` takes and gives, for its checks and its OpenAPI document."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from coldframe import limits
from coldframe.inputs import LongText, LongTextRequest

Share = Annotated[float, Field(ge=0, le=1)]


def _number(tier: object) -> object:
    """Refuse true, which is equal to 1."""
    if isinstance(tier, bool):
        raise PydanticCustomError("literal_error", "should be {expected}", {"expected": "1, 2 or 3"})
    return tier


Tier = Annotated[Literal[1, 2, 3], BeforeValidator(_number)]


def _each_once(tiers: Sequence[Tier]) -> Sequence[Tier]:
    if len(set(tiers)) < len(tiers):
        raise PydanticCustomError("duplicates", "names a tier twice: give each once")
    return tiers


Tiers = Annotated[
    list[Tier],
    Field(min_length=1, max_length=3, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_each_once),
]


class TicketRequest(LongTextRequest):
    """Either `text` or `texts`; `tiers` says which of the three are wanted, all without it."""

    texts: Annotated[list[LongText], Field(min_length=1, max_length=limits.TICKETS_MAX_COUNT)] | None = None
    tiers: Tiers = Field(default=[1, 2, 3])


class SimilarProblem(BaseModel):
    """A known problem, and the cosine of its nearest phrasing with the ticket."""

    problem: str
    similarity: float


class Ticket(BaseModel):
    """What is said of one ticket; the fields of a tier are there if it was asked for.

    Tier 1: from `business_category` to `urgency_score`. Tier 2: `specific_problem` (null out of scope) to
    `similar_problems`. Tier 3: from `automation_category` on, where the knowledge base tells verdicts;
    priority and complexity only in scope.
    """

    business_category: str | None = None
    routing_team: str | None = None
    priority_level: Literal["LOW", "MEDIUM", "HIGH", "CRITICAL"] | None = None
    sla_hours: int | None = None
    confidence: Share | None = None
    low_confidence: bool | None = None
    likeliest_category: str | None = None
    urgency_score: Share | None = None
    specific_problem: str | None = None
    problem_confidence: Share | None = None
    similar_problems: list[SimilarProblem] | None = None
    automation_category: Literal["FULLY_AUTOMATABLE", "PARTIALLY_AUTOMATABLE", "NOT_AUTOMATABLE"] | None = (
        None
    )
    automation_percentage: int | None = Field(default=None, ge=0, le=100)
    automation_reasoning: str | None = None
    automation_confidence: Share | None = None
    business_priority: Literal["LOW", "MEDIUM", "HIGH", "CRITICAL"] | None = None
    implementation_complexity: Literal["LOW", "MEDIUM", "HIGH"] | None = None
    in_scope: bool
    truncated: bool
    recommendation: str
    level1_time_ms: float | None = None
    level2_time_ms: float | None = None
    level3_time_ms: float | None = None
    total_processing_time_ms: float
    model_version: str


class Tickets(BaseModel):
    """One answer a ticket, in order."""

    predictions: list[Ticket]
