"""What was fitted, as coldframe.triage reads it; the same input gives the same bytes."""

import io
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from coldframe.triage.document import Document
from coldframe.triage.heads import SIZES, Mix, taught_digest
from coldframe.triage.vectors import WHOLE_MAX, Vectors, texts_digest
from models.forge.knowledge.heads import FittedHeads, Head
from models.forge.quantize import PEAK

_LENGTH = WHOLE_MAX - 20  # what rounding adds to a row's length is less: at most half of √size


def heads_npz(heads: FittedHeads, mix: Mix, document: Document, made_by: bytes) -> bytes:
    """Heads on embeddings as whole numbers of 16 bits times a scale, those on words as float16."""
    on_embeddings = (heads.problems, heads.categories, heads.verdicts, heads.scope)
    weights = np.concatenate([head.weights.T for head in on_embeddings])
    scale = np.maximum(np.linalg.norm(weights, axis=1), 1e-9) / _LENGTH
    return _npz(
        {
            "rows": np.rint(weights / scale[:, None]).astype(np.int16),
            "scale": scale,
            "bias": np.concatenate([head.bias for head in on_embeddings]),
            **_words(
                [_against_last(heads.word_categories), _against_last(heads.word_verdicts), heads.word_scope]
            ),
            "made_by": _bytes(made_by),
            "made_of": _bytes(taught_digest(document)),
            **{name: np.array(getattr(mix, name), np.float64) for name in SIZES},
        }
    )


def embeddings_npz(vectors: NDArray[np.float32], document: Document, made_by: bytes) -> bytes:
    """The vectors (texts, size) of Document.texts."""
    stored = Vectors.of(vectors)
    digests = {"made_by": _bytes(made_by), "made_of": _bytes(texts_digest(document.texts))}
    return _npz({"whole": stored.whole, "scale": stored.scale, **digests})


def _words(heads: list[Head]) -> dict[str, NDArray[np.generic]]:
    weights = np.concatenate([head.weights for head in heads], axis=1)
    gain = np.maximum(np.abs(weights).max(axis=0), 1e-9) / PEAK
    bias = np.concatenate([head.bias for head in heads])
    return {"weights": (weights / gain).astype(np.float16), "slope": gain, "offset": bias}


def _against_last(head: Head) -> Head:
    """The last class becomes the reference, whose logit is 0."""
    return Head(head.weights[:, :-1] - head.weights[:, -1:], head.bias[:-1] - head.bias[-1:])


def _bytes(digest: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(digest, np.uint8)


def _npz(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    file = io.BytesIO()
    np.savez(file, **{name: np.ascontiguousarray(array) for name, array in arrays.items()})  # type: ignore[arg-type]
    return file.getvalue()
