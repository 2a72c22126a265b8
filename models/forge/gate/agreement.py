"""How far two artifacts' vectors of the same inputs agree."""

import numpy as np
from numpy.typing import NDArray

from coldframe.errors import MalformedArtifact

Vectors = NDArray[np.float32]  # (inputs, size)
Places = NDArray[np.intp]


def check_vectors(parent: Vectors, quantized: Vectors) -> None:
    """Raise `MalformedArtifact` unless both have the same shape and finite numbers."""
    if parent.shape != quantized.shape:
        raise MalformedArtifact(
            f"the quantized artifact gives vectors {quantized.shape}, its float parent {parent.shape}: "
            "they are not of the same model"
        )
    for name, vectors in (("quantized artifact", quantized), ("float parent", parent)):
        wrong = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
        if len(wrong):
            raise MalformedArtifact(
                f"the {name} gives what is no finite number for {len(wrong):,} of {len(vectors):,} inputs, "
                f"first for number {wrong[0]}: build it again"
            )


def cosines(parent: Vectors, quantized: Vectors) -> NDArray[np.float64]:
    """Return (inputs,): the cosine of each input's two vectors; 0 where one of them has no length."""
    return np.asarray((_of_length_one(parent) * _of_length_one(quantized)).sum(axis=1))


def nearest_neighbours(vectors: Vectors) -> Places:
    """Return (inputs,): which other input each is nearest to, by cosine. For embeddings."""
    units = _of_length_one(vectors)
    nearness = units @ units.T
    np.fill_diagonal(nearness, -np.inf)
    return np.asarray(nearness.argmax(axis=1))


def likeliest(vectors: Vectors) -> Places:
    """Return (inputs,): each input's likeliest class. For probabilities."""
    return np.asarray(vectors.argmax(axis=1))


def agreement(one: Places, other: Places) -> float:
    """Return the share of inputs for which both say the same."""
    return float((one == other).mean())


def _of_length_one(vectors: Vectors) -> NDArray[np.float64]:
    wide = vectors.astype(np.float64)
    length = np.linalg.norm(wide, axis=1, keepdims=True)
    return np.asarray(wide / np.where(length == 0, 1, length))
