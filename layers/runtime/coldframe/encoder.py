"""Text → embedding: MiniLM in ONNX, one text a call and never padded.

An INT8 graph quantizes its activations with one scale for all that a call holds: texts in company, or next to
padding, would get other embeddings than alone.
"""

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from coldframe import limits
from coldframe.errors import MalformedArtifact
from coldframe.onnx_session import open_session, vcpus

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

GRAPH, TOKENIZER = "encoder.onnx", "tokenizer.json"
_STEPS_PER_ONE = np.float32(limits.ENCODER_STEPS_PER_ONE)
_INPUT, _OUTPUT = "ids", "embedding"
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
            session = open_session(graph, threads or vcpus())
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
