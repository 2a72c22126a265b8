"""Text → embedding: MiniLM in ONNX, one text a call and never padded.

An INT8 graph quantizes its activations with one scale for all that a call holds: texts in company, or next to
padding, would get other embeddings than alone.
"""

import os
from typing import TYPE_CHECKING, NamedTuple, Self

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # before the import: it sends usage data to its vendor

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from coldframe import limits
from coldframe.errors import MalformedArtifact

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

GRAPH, TOKENIZER = "encoder.onnx", "tokenizer.json"
_STEPS_PER_ONE = np.float32(limits.ENCODER_STEPS_PER_ONE)
_INPUT, _OUTPUT = "ids", "embedding"
_NOWHERE = f"{os.devnull}/none"  # in a file that is no folder
# All sessions share one arena, which has an end: what a graph asks for need not depend on what it is given.
onnxruntime.create_and_register_allocator(
    onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    ),
    onnxruntime.OrtArenaCfg(limits.ENCODER_MEMORY_MAX_BYTES, -1, -1, -1),  # the rest as it is without
)
_ENDS = [(_INPUT, "tensor(int64)", 2), (_OUTPUT, "tensor(float)", 2)]  # names, types, ranks


class Embedding(NamedTuple):
    """A vector (size,) of length 1, but for rounding, and whether the text had more tokens than are read.

    Its numbers are whole multiples of 1/ENCODER_STEPS_PER_ONE. With whole numbers whose squares' sum is at
    most 4,000² they have products whose sums float32 holds exactly, whatever order they are added in.
    """

    vector: NDArray[np.float32]
    truncated: bool


class Encoder:
    """An open session and its tokenizer."""

    def __init__(self, session: "InferenceSession", tokenizer: Tokenizer) -> None:
        self._session, self._tokenizer = session, tokenizer
        self.size: int = session.get_outputs()[0].shape[-1]

    @classmethod
    def open(cls, graph: bytes | str, tokenizer: bytes, threads: int | None = None) -> Self:
        """Open an ONNX file (its bytes, or its path) and a tokenizer.json.

        `threads` a call are those of the function's memory without it. Raises `MalformedArtifact`.
        """
        try:
            session = onnxruntime.InferenceSession(
                graph, _options(threads or vcpus()), providers=["CPUExecutionProvider"]
            )
            opened = Tokenizer.from_buffer(tokenizer)
        except Exception as error:  # both libraries raise their own kinds, derived from nothing narrower
            raise MalformedArtifact(f"the encoder cannot be opened: {error}") from error
        both = (*session.get_inputs(), *session.get_outputs())
        ends = [(end.name, end.type, len(end.shape)) for end in both]
        if ends != _ENDS or type(both[-1].shape[1]) is not int:
            raise MalformedArtifact(f"the encoder takes and gives {ends}, expected {_ENDS} of a fixed width")
        opened.no_padding()
        opened.enable_truncation(limits.ENCODER_TOKENS_MAX_COUNT)
        encoder = cls(session, opened)
        encoder._try()
        return encoder

    def embed(self, text: str) -> Embedding:
        """Embed any string; an empty one, too, has an embedding."""
        whole = text.encode("utf-8", "replace").decode()  # half of a surrogate pair has no UTF-8
        encoding = self._tokenizer.encode(whole)
        vector = self.run(np.array([encoding.ids]))
        return Embedding(np.rint(vector * _STEPS_PER_ONE) / _STEPS_PER_ONE, bool(encoding.overflowing))

    def check_numbers(self) -> None:
        """Raise `MalformedArtifact` unless the tokens are numbered from 0 on, so that the graph knows all.

        Asked when a version is published: to look at each of 30,000 takes as long as 10 tickets do.
        """
        count = self._tokenizer.get_vocab_size()
        if not count or None in map(self._tokenizer.id_to_token, range(count)):
            raise MalformedArtifact(f"the {count:,} tokens of {TOKENIZER} are not numbered from 0 on")

    def _try(self) -> None:
        """Raise `MalformedArtifact` unless the graph embeds an empty text, and knows the last token."""
        ids = self._tokenizer.encode("").ids
        if not 0 < len(ids) < limits.ENCODER_TOKENS_MAX_COUNT:
            raise MalformedArtifact(f"{TOKENIZER} makes {len(ids)} tokens of an empty text")
        try:
            vector = self.run(np.array([[*ids, self._tokenizer.get_vocab_size() - 1]]))
        except Exception as error:  # as above
            raise MalformedArtifact(f"the encoder does not know {TOKENIZER}'s tokens: {error}") from error
        if vector.shape != (self.size,) or not np.isfinite(vector).all():
            raise MalformedArtifact(f"the encoder gives no {self.size} finite numbers")

    def run(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Run the graph on the tokens (1, tokens) of one text; (size,), not rounded."""
        vector: NDArray[np.float32] = self._session.run([_OUTPUT], {_INPUT: ids})[0][0]
        return vector


def vcpus() -> int:
    """Return how many whole vCPUs the function's memory buys, at least 1.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
    """
    return max(int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", 0)) // limits.VCPU_MB, 1)


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin while they wait take their vCPU from what they wait for.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The graph was written fused: there is nothing to find, and looking takes most of a session's start.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.use_env_allocators", "1")
    # Weights that a graph keeps in other files have no SHA-256: they are looked for where nothing can be.
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", _NOWHERE)
    options.log_severity_level = 3  # errors; it warns of CPU facts that Lambda hides
    return options
