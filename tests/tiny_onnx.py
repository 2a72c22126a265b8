"""A program that makes the smallest ONNX `model`: y = x + x. Field numbers are those of onnx.proto."""

ADD_TO_ITSELF = """
def field(number, content):
    return bytes([number << 3 | 2, len(content)]) + content

def value(name):  # a float tensor of shape [2]
    tensor = bytes([1 << 3, 1]) + field(2, field(1, bytes([1 << 3, 2])))
    return field(1, name) + field(2, field(1, tensor))

node = field(1, b"x") + field(1, b"x") + field(2, b"y") + field(4, b"Add")
graph = field(1, node) + field(2, b"g") + field(11, value(b"x")) + field(12, value(b"y"))
model = bytes([1 << 3, 8]) + field(7, graph) + field(8, bytes([2 << 3, 13]))
"""
