"""A converter's graph as it is stored: one input, one output, and nothing that changes from run to run."""

from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from models.forge.export.parent import INPUT, IR_VERSION, OUTPUT


def stored(model: ModelProto, features: int, labels: int) -> bytes:
    """Return the ONNX file: the same model always gives the same bytes."""
    whole = ModelProto()
    whole.CopyFrom(model)
    whole.ir_version = IR_VERSION
    opsets = sorted({(opset.domain, opset.version) for opset in model.opset_import})
    del whole.opset_import[:], whole.graph.input[:], whole.graph.output[:]
    whole.opset_import.extend(helper.make_opsetid(*opset) for opset in opsets)
    whole.graph.input.append(_matrix(INPUT, features))
    whole.graph.output.append(_matrix(OUTPUT, labels))
    whole.graph.name = INPUT
    for part in (whole, whole.graph, *whole.graph.node):
        part.doc_string = ""  # torch writes lines of its user's code, with their paths
    return bytes(whole.SerializeToString(deterministic=True))


def _matrix(name: str, width: int) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", width])
