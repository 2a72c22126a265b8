"""What goes into a model of each kind: its input tensor, and how that is read and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import Field, TypeAdapter, ValidationError

from coldframe import limits
from coldframe.errors import ModelUnavailable
from coldframe.inference.one_input import DATA, only_input
from coldframe.inference.rows import Rows
from coldframe.inference.types import BYTES, InputTensor
from coldframe.inputs import Readable
from coldframe.manifest import FEATURE_ROWS, KNOWLEDGE, LINEAR_TEXT, Manifest


@dataclass(frozen=True)
class Texts:
    """Texts in one input, of shape [n] or [n, 1]: as many as the plain route takes, and as long."""

    max_count: int
    name: str = "text"

    def described(self, _manifest: Manifest) -> list[dict[str, Any]]:
        """Return the inputs, for the model's metadata."""
        return [{"name": self.name, "datatype": BYTES, "shape": [-1]}]

    def read(self, inputs: Sequence[InputTensor], manifest: Manifest) -> list[str]:
        """Return the texts. Raises `HTTPException` or `RequestValidationError` for what is none."""
        tensor = only_input(inputs, self.name, [BYTES])
        texts = _column(tensor)
        try:
            _texts(self.max_count, manifest.text_max_chars).validate_python(texts, strict=True)
        except ValidationError as error:
            raise RequestValidationError(
                [one | {"loc": (*DATA, *one["loc"])} for one in error.errors()]
            ) from error
        if tensor.shape not in ([len(texts)], [len(texts), 1]):
            raise HTTPException(
                400, f"The input {self.name} has {len(texts)} texts: its shape should be [{len(texts)}]."
            )
        return texts


KINDS: Mapping[str, Texts | Rows] = {
    LINEAR_TEXT: Texts(limits.TEXTS_MAX_COUNT),
    KNOWLEDGE: Texts(limits.TICKETS_MAX_COUNT),
    FEATURE_ROWS: Rows(limits.FEATURE_ROWS_MAX_COUNT),
}


def kind_of(manifest: Manifest) -> Texts | Rows:
    """Return what a model of this kind takes. Raises `ModelUnavailable` for one that has no tensors here."""
    if manifest.kind not in KINDS:
        raise ModelUnavailable(f"{manifest.name} is of kind {manifest.kind}, which has no tensors here")
    return KINDS[manifest.kind]


@lru_cache
def _texts(max_count: int, max_chars: int) -> TypeAdapter[list[str]]:
    text = Annotated[str, Readable(max_chars)]
    return TypeAdapter(Annotated[list[text], Field(min_length=1, max_length=max_count)])


def _column(tensor: InputTensor) -> list[Any]:
    """Return the data flat, also where each item stands in a list of its own."""
    is_nested = all(isinstance(one, list) and len(one) == 1 for one in tensor.data)
    return [one for (one,) in tensor.data] if is_nested else tensor.data
