"""Small graphs of features, written node by node, and versions of them."""

from collections.abc import Sequence

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

from coldframe.features import GRAPH
from coldframe.manifest import FEATURE_ROWS, FileEntry, Manifest

FEATURES = ("age", "size", "weight")
LABELS = ("small", "large")
WEIGHTS = np.array([[0.1, -0.2], [0.7, 0.3], [-0.5, 0.4]], np.float32)
SOFTMAX = (
    helper.make_node("MatMul", ["features", "weights"], ["logits"]),
    helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
)
FLOAT = TensorProto.FLOAT
End = tuple[str, int, list[str | int]]
INPUT: End = ("features", FLOAT, ["rows", 3])
OUTPUT: End = ("probabilities", FLOAT, ["rows", 2])


def graph(
    nodes: Sequence[NodeProto] = SOFTMAX,
    inputs: Sequence[End] = (INPUT,),
    outputs: Sequence[End] = (OUTPUT,),
    external: bool = False,
) -> bytes:
    """An ONNX file; without changes, a softmax of three features over two labels."""
    weights = numpy_helper.from_array(WEIGHTS, "weights")
    if external:
        weights.data_location = TensorProto.EXTERNAL
        weights.external_data.add(key="location", value="weights.bin")
        weights.ClearField("raw_data")
    takes, gives = [[helper.make_tensor_value_info(*end) for end in ends] for ends in (inputs, outputs)]
    made = helper.make_graph(list(nodes), "made", takes, gives, [weights])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return bytes(model.SerializeToString())


def manifest(data: bytes, version: str = "v1.0.0") -> Manifest:
    """A manifest of that file."""
    return Manifest(
        name="boxes",
        version=version,
        kind=FEATURE_ROWS,
        files=(FileEntry.of(GRAPH, data),),
        labels=LABELS,
        input={"features": list(FEATURES)},
    )
