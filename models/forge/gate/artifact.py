"""What is measured: an artifact as a callable, and the inputs that it is measured on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.forge.gate.agreement import Vectors

Input = NDArray[Any]
Run = Callable[[Input], NDArray[np.float32]]  # of one input: a vector, an embedding or probabilities


@dataclass(frozen=True)
class Artifact:
    """A file's name and bytes; how it is opened with a number of threads; and how a fresh process uses it.

    `fresh` are Python's arguments for a process that opens it and answers once; they start with -c and code.
    """

    file: str
    data: bytes
    open: Callable[[int], Run]
    fresh: tuple[str, ...]


@dataclass(frozen=True)
class Subject:
    """An artifact and its parent, real inputs, one input of each size by its name, and what top-1 is.

    `tasks` takes the vectors (inputs, size) of the parent and of the quantized one, and gives the metric of
    each head that uses them: {name: (the parent's, the quantized one's)}.
    """

    parent: Artifact
    quantized: Artifact
    inputs: Sequence[Input]
    sized: Mapping[str, Input]
    top1: Callable[[Vectors, Vectors], float]
    tasks: Callable[[Vectors, Vectors], Mapping[str, tuple[float, float]]]
