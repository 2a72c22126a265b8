"""The one input that a model takes, by its name and datatype."""

from collections.abc import Sequence

from fastapi import HTTPException

from coldframe.inference.types import InputTensor

DATA = ("body", "inputs", 0, "data")  # where its data stand in a request


def only_input(inputs: Sequence[InputTensor], name: str, datatypes: Sequence[str]) -> InputTensor:
    """Return the one input, of that name and of one of these datatypes. Raises `HTTPException`."""
    if [tensor.name for tensor in inputs] != [name]:
        raise HTTPException(400, f"The model takes one input, which is called {name}: send that.")
    if inputs[0].datatype not in datatypes:
        raise HTTPException(400, f"The input {name} should have the datatype {' or '.join(datatypes)}.")
    return inputs[0]
