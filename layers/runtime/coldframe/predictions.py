"""What an endpoint says of texts, for its OpenAPI document, where it has no words of its own."""

from pydantic import BaseModel, ConfigDict, Field


class Prediction(BaseModel):
    """`scores` are the probabilities of the labels; `flags` what reached its threshold.

    Where some labels raise an alarm, `probability` is theirs together, `threshold` what it is compared with,
    and further fields say what follows.
    """

    model_config = ConfigDict(extra="allow")

    label: str
    scores: dict[str, float]
    flags: list[str] | None = None
    probability: float | None = Field(default=None, ge=0, le=1)
    threshold: float | None = None
    model_version: str


class Predictions(BaseModel):
    """One prediction a text, in order."""

    predictions: list[Prediction]
