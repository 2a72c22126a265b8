"""What a job is asked for with: a model, the file's name, and by choice the column to score."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from coldframe import limits

_FIT = r"^[^/\x00-\x1f\x7f-\x9f]+$"  # no path, and nothing that no header takes


def _file_name(name: str) -> str:
    if not re.fullmatch(_FIT, name):
        raise PydanticCustomError(
            "file_name", "is no file name: send it without folders and control characters"
        )
    return name


FileName = Annotated[
    str,
    Field(
        max_length=limits.BATCHES_FILE_NAME_MAX_CHARS,
        examples=["comments.csv"],
        json_schema_extra={"pattern": _FIT},
    ),
    AfterValidator(_file_name),
]


class BatchRequest(BaseModel):
    """A job to make. `column` names the column to score; without it, text."""

    model_config = ConfigDict(extra="forbid", strict=True)

    model: str = Field(min_length=1, max_length=63, examples=["moderation"])
    file_name: FileName
    column: Annotated[str, Field(min_length=1, max_length=limits.BATCHES_COLUMN_MAX_CHARS)] | None = None
