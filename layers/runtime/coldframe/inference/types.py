"""What the protocol's requests and answers hold, in the words of its specification.

Beyond it: a request has no other fields, so that a misspelt one is told; and no parameter asks for binary
tensors, an extension of Triton's.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from coldframe import limits

BYTES, FP32, FP64 = "BYTES", "FP32", "FP64"
Datatype = Literal[
    "BOOL",
    "UINT8",
    "UINT16",
    "UINT32",
    "UINT64",
    "INT8",
    "INT16",
    "INT32",
    "INT64",
    "FP16",
    "FP32",
    "FP64",
    "BYTES",
]
_BINARY = ("binary_data", "binary_data_size", "binary_data_output")
AS_JSON = (
    "tensors are taken and given as JSON alone; in tritonclient, give binary_data=False to "
    "set_data_from_numpy, and to an InferRequestedOutput for each output"
)


def _as_json(parameters: dict[str, Any]) -> dict[str, Any]:
    for name in _BINARY:
        if parameters.get(name):
            raise PydanticCustomError("binary", "has {name}: {advice}", {"name": name, "advice": AS_JSON})
    return parameters


Parameters = Annotated[dict[str, bool | int | float | str], AfterValidator(_as_json)]
Size = Annotated[int, Field(ge=0, lt=2**64)]
Shape = Annotated[list[Size], Field(min_length=1, max_length=limits.TENSOR_DIMENSIONS_MAX_COUNT)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class InputTensor(_Request):
    """One input: `data` in row-major order, flat or nested as `shape` is."""

    name: str
    shape: Shape
    datatype: Datatype
    parameters: Parameters = {}
    data: list[Any]


class RequestedOutput(_Request):
    """An output that is wanted, by its name."""

    name: str
    parameters: Parameters = {}


class InferenceRequest(_Request):
    """Inputs, and the outputs that are wanted: all without `outputs`. `id` comes back with the answer."""

    id: str | None = None
    parameters: Parameters = {}
    inputs: Annotated[list[InputTensor], Field(min_length=1, max_length=limits.INFERENCE_TENSORS_MAX_COUNT)]
    outputs: Annotated[list[RequestedOutput], Field(max_length=limits.INFERENCE_TENSORS_MAX_COUNT)] | None = (
        None
    )


class OutputTensor(BaseModel):
    """One output, flat; null is a number that there is not, which NumPy reads as NaN."""

    name: str
    shape: list[int]
    datatype: Datatype
    data: list[str | float | None]


class InferenceResponse(BaseModel):
    """The outputs, and which version they are of."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[OutputTensor]


class TensorMetadata(BaseModel):
    """A tensor of a model; -1 is a size that may be any."""

    name: str
    datatype: Datatype
    shape: list[int]


class ModelMetadata(BaseModel):
    """A model: which versions may be asked for, of what kind it is, what goes in and what comes out."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class ModelReady(BaseModel):
    """The model can answer."""

    name: str
    ready: Literal[True]


class ServerMetadata(BaseModel):
    """The server; it has none of the protocol's extensions."""

    name: Literal["coldframe"]
    version: str
    extensions: list[str]


class ServerLive(BaseModel):
    """The process answers."""

    live: Literal[True]


class ServerReady(ServerLive):
    """The store answers and a model is live: the specification calls that `live` here too."""

    ready: Literal[True]
