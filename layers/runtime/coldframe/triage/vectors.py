"""The embeddings of what is known: precomputed and stored, or computed here when a version has none."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from coldframe.encoder import GRAPH, TOKENIZER, Encoder
from coldframe.errors import MalformedArtifact
from coldframe.manifest import FileEntry
from coldframe.npz import ArraySpec, read_npz

EMBEDDINGS = "embeddings.npz"
WHOLE_MAX = 4_000  # the largest length of a row of whole numbers: see coldframe.encoder.Embedding
_BYTE_MAX = 127
_DIGEST = ArraySpec(np.uint8, (32,))


class Vectors:
    """Unit vectors as whole numbers times a scale each: (texts, size) int8, (texts,).

    Products with an embedding are exact in float32 whatever order they are summed in, so that a similarity
    has the same bits alone and in company, on one thread and on many.
    """

    def __init__(self, whole: NDArray[np.int8], scale: NDArray[np.float64]) -> None:
        self.whole, self.scale = whole, scale
        self.size: int = whole.shape[1]

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> Self:
        """Round vectors (texts, size) to whole numbers of one byte."""
        scale = np.abs(vectors).max(axis=1, initial=1e-9).astype(np.float64) / _BYTE_MAX
        return cls(np.rint(vectors / scale[:, None]).astype(np.int8), scale)

    @classmethod
    def embedded(cls, texts: Iterable[str], encoder: Encoder) -> Self:
        """Embed the texts."""
        return cls.of(np.array([encoder.embed(text).vector for text in texts]))

    @classmethod
    def open(cls, data: bytes, texts: Sequence[str], made_by: bytes) -> Self:
        """Read the stored embeddings of these texts by the encoder of this digest.

        Raises `MalformedArtifact` when they are of other texts, by another encoder, or no such file.
        """
        arrays = read_npz(
            data,
            {
                "whole": ArraySpec(np.int8, (len(texts), None)),
                "scale": ArraySpec(np.float64, (len(texts),)),
                "made_by": _DIGEST,
                "made_of": _DIGEST,
            },
        )
        check_made_by(arrays["made_by"], made_by, EMBEDDINGS)
        if arrays["made_of"].tobytes() != texts_digest(texts):
            raise MalformedArtifact(
                f"{EMBEDDINGS} is of other texts than the knowledge base: coldframe kb build makes it again"
            )
        if not np.isfinite(arrays["scale"]).all():
            raise MalformedArtifact(f"the scales of {EMBEDDINGS} must be finite numbers")
        return cls(arrays["whole"], arrays["scale"])

    def similarities(
        self, places: NDArray[np.int64] | slice, vector: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """The cosine of a vector (size,) with those at some places: (places,)."""
        rows = self.whole[places].astype(np.float32)
        return np.asarray((rows @ vector) * self.scale[places])


def check_made_by(stored: NDArray[np.uint8], made_by: bytes, what: str) -> None:
    """Raise `MalformedArtifact` unless these are the bytes of the encoder's digest."""
    if stored.tobytes() != made_by:
        raise MalformedArtifact(
            f"{what} was made by another encoder than the version names: coldframe kb build makes it again"
        )


def encoder_digest(files: Iterable[FileEntry]) -> bytes:
    """Return the SHA-256 that stands for an encoder: of its files' names and SHA-256s."""
    stated = sorted(f"{entry.name} {entry.sha256}\n" for entry in files if entry.name in (GRAPH, TOKENIZER))
    return hashlib.sha256("".join(stated).encode()).digest()


def texts_digest(texts: Sequence[str]) -> bytes:
    """Return the SHA-256 that stands for texts in an order."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).digest()
