"""The linear text predictor: hashed character n-grams, one weight for each, softmax.

The answer to a text is the same to the last bit alone, among 10,000 and in any order. Weights are float16,
whole multiples of 2**-24, so they are summed as integers, where order cannot matter; what follows is done
text by text.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coldframe import ngrams
from coldframe.errors import MalformedArtifact
from coldframe.npz import ArraySpec, read_npz

WEIGHT_LIMIT = 32.0  # of any weight: the windows of one place then sum to less than 2**31 units
_UNITS_PER_ONE = float(2**24)  # the smallest float16 is 2**-24
_LOGIT_MAX = 500.0  # e**500 still is a float64, and beyond it nothing changes
_BLOCK_PLACES = 16_384  # a block's windows and sums stay in a core's own cache


class LinearText:
    """A classifier of texts. Two classes or more; the last label is the reference, whose logit is always 0.

    With x the sum of a text's window weights over the square root of the number of its places, and one column
    for each label but the last: logits = x * slope + bias, probabilities = softmax(logits, 0). For two labels
    that is the logistic function.
    """

    def __init__(
        self, weights: NDArray[np.float16], slope: NDArray[np.float64], bias: NDArray[np.float64]
    ) -> None:
        """weights: (buckets, labels - 1); slope, bias: (labels - 1,). MalformedArtifact when out of range."""
        units = weights.astype(np.float32)  # holds every float16, and is far quicker to work on
        if not (units.size and units.min() > -WEIGHT_LIMIT and units.max() < WEIGHT_LIMIT):
            raise MalformedArtifact(f"weights must be finite and between -{WEIGHT_LIMIT} and {WEIGHT_LIMIT}")
        if not (np.isfinite(slope).all() and np.isfinite(bias).all()):
            raise MalformedArtifact("slope and bias must be finite numbers")
        units *= np.float32(_UNITS_PER_ONE)
        self._units = units.astype(np.int32)
        self._affine = list(zip((slope / _UNITS_PER_ONE).tolist(), bias.tolist(), strict=True))

    @classmethod
    def open(cls, data: bytes, labels: Sequence[str]) -> "LinearText":
        """Read the npz of a model with these labels; MalformedArtifact when it is not one."""
        columns = len(labels) - 1
        if columns < 1:
            raise MalformedArtifact(f"a classifier has two labels or more, not {len(labels)}")
        arrays = read_npz(
            data,
            {
                "weights": ArraySpec(np.float16, (None, columns)),
                "slope": ArraySpec(np.float64, (columns,)),
                "bias": ArraySpec(np.float64, (columns,)),
            },
        )
        return cls(**arrays)

    def predict(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probabilities, (texts, labels), each row summing to 1. Any Unicode string gets an answer."""
        if not texts:
            return np.empty((0, len(self._affine) + 1))
        codes, marks = ngrams.encode(texts)
        # Every second stretch is the end markers between two texts; the last one ends with the array.
        sums = np.add.reduceat(self._places(codes), marks[:-1], axis=0, dtype=np.int64)[::2]
        places = (marks[1::2] - marks[::2]).tolist()
        return np.array(list(map(self._answer, sums.tolist(), places)))

    def _places(self, codes: NDArray[np.uint32]) -> NDArray[np.int32]:
        """The window weights of each place summed, (places, columns), in units of 2**-24."""
        places = np.empty((len(codes) - ngrams.ORDERS + 1, len(self._affine)), np.int32)
        for first in range(0, len(places), _BLOCK_PLACES):
            block = codes[first : first + _BLOCK_PLACES + ngrams.ORDERS - 1]
            buckets = ngrams.buckets(block, len(self._units))
            windows = self._units.take(buckets, axis=0)
            np.add.reduce(windows, axis=0, out=places[first : first + _BLOCK_PLACES])
        return places

    def _answer(self, sums: list[int], places: int) -> list[float]:
        """The probabilities of one text.

        In plain floats: numpy's vector loops do not promise a number the same bits wherever it is.
        """
        root = math.sqrt(places)
        parts, total = [], 1.0
        for x, (slope, bias) in zip(sums, self._affine):  # noqa: B905 - as many by construction; 'strict' costs time
            logit = x / root * slope + bias
            part = math.exp(logit if logit < _LOGIT_MAX else _LOGIT_MAX)
            parts.append(part)
            total += part
        parts.append(1.0)
        return [part / total for part in parts]
