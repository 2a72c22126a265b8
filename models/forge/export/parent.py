"""What an exported model is made from."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from coldframe.errors import ColdframeError

OPSET, ML_OPSET, IR_VERSION = 21, 3, 10  # the newest that skl2onnx writes and the layer's onnxruntime reads
INPUT, OUTPUT = "features", "probabilities"


class ExportRefused(ColdframeError):
    """Raise when a model cannot be exported: the message says what it lacks."""


class Parent(NamedTuple):
    """A fitted classifier: its graph, its own answers (rows, labels) to (rows, features), its libraries."""

    graph: ModelProto
    scores: Callable[[NDArray[np.float32]], NDArray[np.float64]]
    libraries: tuple[str, ...]
