"""What a job is asked for with: a model, the file's name, and by choice the column to score."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from coldframe import limits

_UNFIT = re.compile(r"[/\x00-\x1f\x7f-\x9f]")  # a path, or what no header takes


def _file_name(name: str) -> str:
    if _UNFIT.search(name) or name in (".", ".."):
        raise PydanticCustomError(
            "file_name", "is no file name: send it without folders and control characters"
        )
    return _at_most(name, limits.BATCHES_FILE_NAME_MAX_BYTES)


def _column(name: str) -> str:
    return _at_most(name, limits.BATCHES_COLUMN_MAX_BYTES)


def _at_most(name: str, max_bytes: int) -> str:
    if len(name.encode()) > max_bytes:
        raise PydanticCustomError(
            "too_many_bytes", "has more than {max_bytes} bytes in UTF-8: shorten it", {"max_bytes": max_bytes}
        )
    return name


FileName = Annotated[
    str,
    Field(min_length=1, max_length=limits.BATCHES_FILE_NAME_MAX_BYTES, examples=["comments.csv"]),
    AfterValidator(_file_name),
]
Column = Annotated[
    str, Field(min_length=1, max_length=limits.BATCHES_COLUMN_MAX_BYTES), AfterValidator(_column)
]


class BatchRequest(BaseModel):
    """A job to make. `column` names the column to score; without it, text."""

    model_config = ConfigDict(extra="forbid", strict=True)

    model: str = Field(min_length=1, max_length=63, examples=["moderation"])
    file_name: FileName
    column: Column | None = None
