"""A process that opens what it should not, `python -m tests.onnx_attempts KIND`: it prints JSON."""

import json
import os
import pickle
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from coldframe.encoder import Encoder
from coldframe.errors import MalformedArtifact

FLIPS = 2_000
TOKENS = 64
TOKENIZER = {
    "version": "1.0",
    "added_tokens": [],
    "pre_tokenizer": {"type": "Whitespace"},
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "0", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {"0": {"id": "0", "ids": [0], "tokens": ["0"]}},
    },
    "model": {
        "type": "WordLevel",
        "vocab": {str(number): number for number in range(TOKENS)},
        "unk_token": "1",
    },
}
ENDS = [
    helper.make_node("Gather", ["table", "ids"], ["rows"]),
    helper.make_node("ReduceMean", ["rows"], ["mean"], axes=[1], keepdims=0),
]
LIES = [(2**40, 4), (2**62, 4), (-1, 4), (2**31, 2**31), (2**32, 2**32, 2**32)]
BOMBS = [(1, 300_000_000), (2**40,), (2**62, 2**62), (-1,), (2**31, 2**31, 2)]
PLACES = ["/etc/passwd", "../../../etc/passwd", "weights", "", "/dev/zero"]
ODD_TOKENIZERS = [b"", b"null", b"[]", b"{}", b"[" * 100_000, b'{"model": ' * 10_000, b"1e999"]
ODD_PARTS: list[dict[str, object]] = [
    {"model": {}},
    {"model": {"type": "WordLevel", "vocab": {}, "unk_token": "x"}},
    {"model": {"type": "WordLevel", "vocab": {"0": 2**31, "1": 1}, "unk_token": "1"}},
    {"post_processor": {"type": "TemplateProcessing", "single": "x" * 9_999, "pair": []}},
    {"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(" * 9_999}, "behavior": "Removed"}},
]


def graph(nodes: Sequence[NodeProto], **constants: Sequence[int]) -> ModelProto:
    """A graph that looks up 4 numbers a token and takes their mean; `nodes` make of it what comes out."""
    table = numpy_helper.from_array(np.ones((TOKENS, 4), np.float32), "table")
    known = [numpy_helper.from_array(np.array(v, np.int64), name) for name, v in constants.items()]
    into = helper.make_tensor_value_info("ids", TensorProto.INT64, [None, None])
    out = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [None, 4])
    whole = helper.make_graph([*ENDS, *nodes], "g", [into], [out], [table, *known])
    return helper.make_model(whole, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def of_size(*shape: int) -> ModelProto:
    """One that makes so many zeros, and adds their sum."""
    zeros = helper.make_node("ConstantOfShape", ["shape"], ["zeros"])
    zero = helper.make_node("ReduceSum", ["zeros"], ["zero"], keepdims=0)
    return graph([zeros, zero, helper.make_node("Add", ["mean", "zero"], ["embedding"])], shape=shape)


def lying(sizes: Sequence[int]) -> ModelProto:
    """One whose table says that it has another shape."""
    model = of_size(1)
    del model.graph.initializer[0].dims[:]
    model.graph.initializer[0].dims.extend(sizes)
    return model


def outside(place: str) -> ModelProto:
    """One whose table is said to lie in another file."""
    model = of_size(1)
    table = model.graph.initializer[0]
    table.ClearField("raw_data")
    table.data_location = TensorProto.EXTERNAL
    for key, value in (("location", place), ("offset", "0"), ("length", "1024")):
        entry = table.external_data.add()
        entry.key, entry.value = key, value
    return model


def odd_graphs() -> list[ModelProto]:
    """Graphs of operators, inputs and sizes that there are not."""
    expand = helper.make_node("Expand", ["mean", "n"], ["e"])
    return [
        graph([helper.make_node("Unheard", ["mean"], ["embedding"])]),
        graph([helper.make_node("Unheard", ["mean"], ["embedding"], domain="of.nobody")]),
        graph([helper.make_node("Identity", ["missing"], ["embedding"])]),
        graph([helper.make_node("Add", ["embedding", "mean"], ["embedding"])]),
        graph([helper.make_node("Tile", ["mean", "n"], ["embedding"])], n=(2**31, 2**31)),
        graph([expand, helper.make_node("Identity", ["e"], ["embedding"])], n=(2**20, 2**20, 4)),
    ]


RIGHT_GRAPH, RIGHT_TOKENIZER = of_size(1).SerializeToString(), json.dumps(TOKENIZER).encode()
Attempt = Callable[[bytes, bytes], None]


def random_bytes(attempt: Attempt) -> None:
    """Change some bytes of what is right, cut it, or begin from nothing."""
    chance = random.Random(6)
    for number in range(FLIPS):
        both = [bytearray(RIGHT_GRAPH), bytearray(RIGHT_TOKENIZER)]
        data = both[number % 2]
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if number % 5 == 0:
            del data[chance.randrange(len(data)) :]
        attempt(bytes(both[0]), bytes(both[1]))
    for size in (0, 1, 7, 100, 5_000):
        attempt(chance.randbytes(size), RIGHT_TOKENIZER)
        attempt(RIGHT_GRAPH, chance.randbytes(size))


def crafted_bytes(attempt: Attempt) -> None:
    """Open what is right, then what somebody thought of."""
    attempt(RIGHT_GRAPH, RIGHT_TOKENIZER)
    models = [*map(lying, LIES), *map(outside, PLACES), *odd_graphs()]
    models += [of_size(*shape) for shape in BOMBS]
    graphs = [model.SerializeToString() for model in models]
    # A field longer than the file, one that is nested without end, and what would run if it were unpickled.
    graphs += [bytes([8, 8, 58, 255, 255, 255, 255, 15]), bytes([58, 4] * 20_000), pickle.dumps(os.getcwd)]
    for one in graphs:
        attempt(one, RIGHT_TOKENIZER)
    for tokenizer in (*ODD_TOKENIZERS, *(json.dumps(TOKENIZER | part).encode() for part in ODD_PARTS)):
        attempt(RIGHT_GRAPH, tokenizer)


def main(kind: str) -> None:
    outcomes: Counter[str] = Counter()
    messages = []

    def attempt(graph: bytes, tokenizer: bytes) -> None:
        try:
            Encoder.open(graph, tokenizer, 1).check_numbers()
        except MalformedArtifact as error:
            outcomes["refused"] += 1
            messages.append(str(error))
        else:
            outcomes["opened"] += 1

    {"random": random_bytes, "crafted": crafted_bytes}[kind](attempt)
    # Not ru_maxrss: a child begins with its parent's, which is a test run's.
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    peak_bytes = int(peak) * 1024
    print("\n" + json.dumps({**outcomes, "peak_bytes": peak_bytes, "messages": sorted(set(messages))}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main(sys.argv[1])
