"""What a text endpoint takes: one text, or a list of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from annotated_types import GroupedMetadata, MaxLen, MinLen
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from coldframe import limits

# What pydantic finds, in words that say what to do; a kind that is not here keeps pydantic's own words.
_DETAILS = {
    "extra_forbidden": "is not a field of this request: remove it",
    "json_invalid": "is not JSON: {error}",
    "list_type": "should be a list",
    "literal_error": "should be {expected}",
    "missing": "is required: add it",
    "model_attributes_type": "should be a JSON object",
    "string_too_long": "has more than {max_length} characters: shorten it or split it",
    "string_too_short": "is empty: give at least {min_length} character",
    "string_type": "should be a string",
    "string_unicode": "holds half of a surrogate pair, which is not a character: send whole characters",
    "too_long": "has {actual_length} items: send at most {max_length} a request",
    "too_short": "is empty: give at least {min_length} item",
}


# `_readable` for schemas. What Python takes for blank and most regex dialects do not is spelled out.
_PATTERN = r"^[^\x00]*[^\s\x00\x1c-\x1f\x85][^\x00]*$"


def _readable(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "is blank: give at least one visible character")
    if "\0" in text:
        raise PydanticCustomError(
            "nul", "holds the character U+0000 at position {at}: remove it", {"at": text.index("\0")}
        )
    return text


@dataclass(frozen=True)
class Readable(GroupedMetadata):
    """A text with something to read, of at most so many characters: `Annotated[str, Readable(10_000)]`."""

    max_chars: int

    def __iter__(self) -> Iterator[object]:
        """Give what pydantic checks, and what of it stands in the OpenAPI document."""
        yield MinLen(1)
        yield MaxLen(self.max_chars)
        yield AfterValidator(_readable)
        yield Field(json_schema_extra={"pattern": _PATTERN})


Text = Annotated[str, Readable(limits.TEXT_MAX_CHARS)]
LongText = Annotated[str, Readable(limits.LONG_TEXT_MAX_CHARS)]


ONE_OF_TWO: dict[str, Any] = {
    "oneOf": [
        {"required": [name], "properties": {name: {"type": kind}}}
        for name, kind in (("text", "string"), ("texts", "array"))
    ]
}


class TextRequest(BaseModel):
    """Either `text` or `texts`."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra=ONE_OF_TWO)

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


class LongTextRequest(TextRequest):
    """The same with longer texts."""

    text: LongText | None = None
    texts: Annotated[list[LongText], Field(min_length=1, max_length=limits.TEXTS_MAX_COUNT)] | None = None


def explain(found: Mapping[str, Any]) -> str:
    """Say what one of pydantic's error details means, and what to do."""
    words = _DETAILS.get(found["type"])
    return words.format(**found.get("ctx", {})) if words else str(found["msg"])
