"""What a text endpoint takes: one text, or a list of them."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from coldframe import limits


def _readable(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "is blank: give at least one visible character")
    if "\0" in text:
        raise PydanticCustomError(
            "nul", "holds the character U+0000 at position {at}: remove it", {"at": text.index("\0")}
        )
    return text


Text = Annotated[str, Field(min_length=1, max_length=limits.TEXT_MAX_CHARS), AfterValidator(_readable)]


class TextRequest(BaseModel):
    """Either `text` or `texts`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Text | None = None
    texts: Annotated[list[Text], Field(min_length=1, max_length=limits.TEXTS_MAX_COUNT)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.text is None) == (self.texts is None):
            raise PydanticCustomError(
                "one_of_two", "should have either `text` (a string) or `texts` (a list)"
            )
        return self

    def batch(self) -> list[str]:
        """Return the texts as a list, also when there is one."""
        return self.texts if self.texts is not None else [self.text or ""]
