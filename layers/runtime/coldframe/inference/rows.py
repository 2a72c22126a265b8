"""Rows of numbers in one tensor, for the models that score features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import FailFast, Field, TypeAdapter, ValidationError

from coldframe import float_rows, limits
from coldframe.inference.one_input import DATA, only_input
from coldframe.inference.types import FP32, FP64, InputTensor
from coldframe.manifest import Manifest

_MOST = limits.FEATURE_MAX
_FLOAT = Annotated[float, Field(ge=-_MOST, le=_MOST, allow_inf_nan=False)]
_TYPES: Mapping[str, Any] = {
    FP32: _FLOAT,
    FP64: _FLOAT,
    "INT32": Annotated[int, Field(ge=-(2**31), lt=2**31)],
    "INT64": Annotated[int, Field(ge=-(2**63), lt=2**63)],
}


@dataclass(frozen=True)
class Rows:
    """Rows in one input, of shape [n, features], taken as float32."""

    max_count: int
    name: str = "features"

    def described(self, manifest: Manifest) -> list[dict[str, Any]]:
        """Return the inputs, for the model's metadata."""
        return [{"name": self.name, "datatype": FP32, "shape": [-1, len(manifest.feature_names)]}]

    def read(self, inputs: Sequence[InputTensor], manifest: Manifest) -> list[bytes]:
        """Return the rows as `float_rows` has them.

        Raises `HTTPException` or `RequestValidationError` for what is none.
        """
        tensor = only_input(inputs, self.name, tuple(_TYPES))
        self._check_shape(tensor.shape, manifest.feature_names)
        is_nested = any(isinstance(one, list) for one in tensor.data)
        rows = self._nested(tensor) if is_nested else self._flat(tensor)
        try:
            return list(map(float_rows.pack, _rows_of(tensor.datatype).validate_python(rows, strict=True)))
        except ValidationError as error:
            row, column = error.errors()[0]["loc"][:2]
            raise _no_number(tensor, int(row), int(column), is_nested=is_nested) from error

    def _check_shape(self, shape: Sequence[int], names: Sequence[str]) -> None:
        if len(shape) != 2 or shape[1] != len(names):
            raise self._refused(
                f"has the shape {shape}: it should be [rows, {len(names)}], a row being {', '.join(names)}"
            )
        if not 1 <= shape[0] <= self.max_count:
            raise self._refused(f"has {shape[0]} rows: send 1 to {self.max_count} a request")

    def _nested(self, tensor: InputTensor) -> list[list[Any]]:
        count, width = tensor.shape
        for place, row in enumerate(tensor.data):
            if not isinstance(row, list) or len(row) != width:
                raise self._refused(f"has a row {place + 1} that is no list of {width} numbers: give that")
        if len(tensor.data) != count:
            raise self._refused(
                f"has {len(tensor.data)} rows: its shape should be [{len(tensor.data)}, {width}]"
            )
        return tensor.data

    def _flat(self, tensor: InputTensor) -> list[list[Any]]:
        (count, width), data = tensor.shape, tensor.data
        if len(data) != count * width:
            raise self._refused(
                f"has {len(data)} numbers, and its shape {tensor.shape} says {count * width}: "
                f"give {width} for each row"
            )
        return [data[start : start + width] for start in range(0, len(data), width)]

    def _refused(self, problem: str) -> HTTPException:
        return HTTPException(400, f"The input {self.name} {problem}.")


@lru_cache
def _rows_of(datatype: str) -> TypeAdapter[list[list[float]]]:
    number: Any = _TYPES[datatype]
    row: Any = Annotated[list[number], FailFast()]
    return TypeAdapter(Annotated[list[row], FailFast()])


def _no_number(tensor: InputTensor, row: int, column: int, *, is_nested: bool) -> RequestValidationError:
    place = (row, column) if is_nested else (row * tensor.shape[1] + column,)
    wanted = (
        f"a finite number, of at most {_MOST:.1e}"
        if tensor.datatype in (FP32, FP64)
        else f"a whole number of {tensor.datatype}"
    )
    said = f"should be {wanted}: fill gaps before they are sent"
    return RequestValidationError([{"type": "number", "loc": (*DATA, *place), "msg": said}])
