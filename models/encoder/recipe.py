"""How the encoder is made: `python -m models.encoder.recipe`, which `make run` and `make test` run first.

Float and INT8 are written side by side to build/encoder; the gate says which of them is published.
"""

from pathlib import Path

from rich.progress import track

from models.encoder.graph import Float, write
from models.encoder.int8 import Int8
from models.encoder.tensors import read_tensors, read_tokenizer

FOLDER = Path(__file__).parents[2] / "build" / "encoder"
FLOAT, INT8, TOKENIZER = "encoder.float.onnx", "encoder.int8.onnx", "tokenizer.json"


def build(folder: Path = FOLDER) -> None:
    """Write the float graph, the INT8 graph and the tokenizer: always the same bytes.

    Raises `IntegrityError` when the package does not hold the pinned weights.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = read_tensors()
    makers = {
        FLOAT: lambda: write(tensors, Float()),
        INT8: lambda: write(tensors, Int8()),
        TOKENIZER: read_tokenizer,
    }
    for name, make in track(makers.items(), "Building the encoder"):
        (folder / name).write_bytes(make())


if __name__ == "__main__":
    build()
