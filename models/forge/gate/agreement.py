"""How far two artifacts' vectors of the same inputs agree."""

import numpy as np
from numpy.typing import NDArray

from coldframe.errors import MalformedArtifact

Vectors = NDArray[np.float32]  # (inputs, size)
NEAR_TIE = 0.03  # of cosine: what two vectors may move that agree with their parents as the rule asks (0.985)


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


def neighbours_kept(parent: Vectors, quantized: Vectors) -> float:
    """Return the share of inputs that find as near a neighbour as before. For embeddings.

    The neighbour that is nearest by the quantized vectors counts where it is, by the parent's, at most
    NEAR_TIE of cosine behind the nearest: which of two that are almost equally near comes first is chance.
    """
    nearness = _nearness(parent)
    found = _nearness(quantized).argmax(axis=1)
    behind = nearness.max(axis=1) - nearness[np.arange(len(found)), found]
    return float((behind <= NEAR_TIE).mean())


def classes_kept(parent: Vectors, quantized: Vectors) -> float:
    """Return the share of inputs whose likeliest class is the same. For probabilities."""
    return float((parent.argmax(axis=1) == quantized.argmax(axis=1)).mean())


def _nearness(vectors: Vectors) -> NDArray[np.float32]:
    """The cosine of each input with each other one, (inputs, inputs)."""
    units = _of_length_one(vectors).astype(np.float32)
    nearness = units @ units.T
    np.fill_diagonal(nearness, -np.inf)
    return np.asarray(nearness)


def _of_length_one(vectors: Vectors) -> NDArray[np.float64]:
    wide = vectors.astype(np.float64)
    length = np.linalg.norm(wide, axis=1, keepdims=True)
    return np.asarray(wide / np.where(length == 0, 1, length))
