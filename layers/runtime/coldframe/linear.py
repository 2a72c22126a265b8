"""The linear text predictor: hashed n-grams, one weight for each, softmax, and a calibration by choice.

The answer to a text is the same to the last bit alone, among 10,000 and in any order. Weights are float16,
whole multiples of 2**-24, so they are summed as integers, where order cannot matter; what follows is done
text by text.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from coldframe import limits, ngrams, words
from coldframe.errors import MalformedArtifact
from coldframe.npz import ArraySpec, read_npz

WEIGHT_LIMIT = 32.0  # of any weight: the windows of one place then sum to less than 2**31 units
_UNITS_PER_ONE = float(2**24)  # the smallest float16 is 2**-24
_LOGIT_MAX = 500.0  # e**500 still is a float64, and beyond it nothing changes
_BLOCK_PLACES = 16_384  # a block's windows and sums stay in a core's own cache


Features = Callable[[Sequence[str]], list[ngrams.Batch]]
FEATURES: dict[str, Features] = {"characters": lambda texts: [ngrams.encode(texts)], "words": words.encode}


class LinearText:
    """A classifier of texts. Two classes or more; the last label is the reference, whose logit is always 0.

    With x the sum of a text's window weights over the square root of the number of its places, and one column
    for each label but the last: logits = x * slope + bias, probabilities = softmax(logits, 0). For two labels
    that is the logistic function. With `isotonic`, each label's probability goes along its line from point to
    point, and the sum is made 1 again.
    """

    def __init__(
        self,
        weights: NDArray[np.float16],
        slope: NDArray[np.float64],
        bias: NDArray[np.float64],
        isotonic: NDArray[np.float64] | None = None,
        features: Features = FEATURES["characters"],
    ) -> None:
        """weights: (buckets, labels - 1); slope, bias: (labels - 1,); isotonic: (labels, 2, points).

        MalformedArtifact when out of range.
        """
        units = weights.astype(np.float32)  # holds every float16, and is far quicker to work on
        if not (units.size and units.min() > -WEIGHT_LIMIT and units.max() < WEIGHT_LIMIT):
            raise MalformedArtifact(f"weights must be finite and between -{WEIGHT_LIMIT} and {WEIGHT_LIMIT}")
        if not (np.isfinite(slope).all() and np.isfinite(bias).all()):
            raise MalformedArtifact("slope and bias must be finite numbers")
        units *= np.float32(_UNITS_PER_ONE)
        self._units = units.astype(np.int32)
        self._affine = list(zip((slope / _UNITS_PER_ONE).tolist(), bias.tolist(), strict=True))
        self._lines = None if isotonic is None else list(map(_Line, isotonic.tolist()))
        self._features = features

    @classmethod
    def open(
        cls, data: bytes, labels: Sequence[str], features: str = "characters", calibration: str = "platt"
    ) -> "LinearText":
        """Read the npz of a model with these labels; MalformedArtifact when it is not one."""
        columns = len(labels) - 1
        if columns < 1:
            raise MalformedArtifact(f"a classifier has two labels or more, not {len(labels)}")
        expected = {
            "weights": ArraySpec(np.float16, (None, columns)),
            "slope": ArraySpec(np.float64, (columns,)),
            "bias": ArraySpec(np.float64, (columns,)),
        }
        if calibration == "isotonic":
            expected["isotonic"] = ArraySpec(np.float64, (len(labels), 2, None))
        return cls(**read_npz(data, expected), features=FEATURES[features])

    def predict(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probabilities, (texts, labels), each row summing to 1. Any Unicode string gets an answer."""
        return np.array([self._probabilities(logits) for logits in self.logits(texts)]).reshape(
            len(texts), len(self._affine) + 1
        )

    def logits(self, texts: Sequence[str]) -> list[list[float]]:
        """The logits of each text, one for each label but the last, whose is 0: before any isotonic line."""
        return [logits for some in _bounded(texts) for logits in self._logits(some)]

    def _logits(self, texts: Sequence[str]) -> list[list[float]]:
        batches = self._features(texts)
        sums = np.add.reduce([self._sums(batch) for batch in batches])
        places = np.add.reduce([batch.marks[1::2] - batch.marks[::2] for batch in batches])
        return list(map(self._affine_of, sums.tolist(), places.tolist()))

    def _sums(self, batch: ngrams.Batch) -> NDArray[np.int64]:
        """The window weights of each text summed, (texts, columns), in units of 2**-24."""
        # Every second stretch is the end markers between two texts; the last one ends with the array.
        return np.add.reduceat(self._places(batch), batch.marks[:-1], axis=0, dtype=np.int64)[::2]

    def _places(self, batch: ngrams.Batch) -> NDArray[np.int32]:
        """The same of each place, (places, columns)."""
        codes, _, orders = batch
        reach = orders[-1] - 1
        places = np.empty((len(codes) - reach, len(self._affine)), np.int32)
        for first in range(0, len(places), _BLOCK_PLACES):
            block = codes[first : first + _BLOCK_PLACES + reach]
            buckets = ngrams.buckets(block, orders, len(self._units))
            windows = self._units.take(buckets, axis=0)
            np.add.reduce(windows, axis=0, out=places[first : first + _BLOCK_PLACES])
        return places

    def _affine_of(self, sums: list[int], places: int) -> list[float]:
        """The logits of one text.

        In plain floats, as all that follows: numpy's vector loops do not promise a number the same bits
        wherever it is.
        """
        root = math.sqrt(places)
        return [x / root * slope + bias for x, (slope, bias) in zip(sums, self._affine)]  # noqa: B905 - as many by construction; 'strict' costs time

    def _probabilities(self, logits: list[float]) -> list[float]:
        """The probabilities of one text."""
        parts, total = [], 1.0
        for logit in logits:
            part = math.exp(logit if logit < _LOGIT_MAX else _LOGIT_MAX)
            parts.append(part)
            total += part
        parts.append(1.0)
        scores = [part / total for part in parts]
        return scores if self._lines is None else _whole([line(s) for line, s in zip(self._lines, scores)])  # noqa: B905 - as above


def _bounded(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The texts in runs of at most SCORED_CHARS_MAX_COUNT characters, or of one text."""
    begin, size = 0, 0
    for end, text in enumerate(texts):
        size += len(text)
        if size > limits.SCORED_CHARS_MAX_COUNT and end > begin:
            yield texts[begin:end]
            begin, size = end, len(text)
    if begin < len(texts):
        yield texts[begin:]


class _Line:
    """A line from point to point (from, to), level beyond its ends. MalformedArtifact unless it rises.

    In plain floats, as above.
    """

    def __init__(self, points: list[list[float]]) -> None:
        self._from, self._to = points
        rise = all(one < other for one, other in pairwise([-math.inf, *self._from, math.inf]))
        never_fall = all(one <= other for one, other in pairwise(self._to))
        if not (self._from and rise and never_fall and self._to[0] >= 0 and self._to[-1] <= 1):
            raise MalformedArtifact("isotonic must rise from left to right, within 0 and 1")

    def __call__(self, score: float) -> float:
        right = bisect_right(self._from, score)
        if right in (0, len(self._from)):
            return self._to[max(right - 1, 0)]
        x, y = self._from[right - 1], self._to[right - 1]
        return y + (self._to[right] - y) * ((score - x) / (self._from[right] - x))


def _whole(scores: list[float]) -> list[float]:
    """The scores with the sum 1; all alike when none is left."""
    total = sum(scores)
    return [score / total for score in scores] if total else [1 / len(scores)] * len(scores)
