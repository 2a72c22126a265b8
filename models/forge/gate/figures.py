"""What the gate goes by: figures of a quantized artifact beside those of its float parent."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """The same figure of both."""

    parent: float
    quantized: float

    @property
    def ratio(self) -> float:
        """How many times the quantized one's figure the parent's is."""
        return self.parent / self.quantized

    @property
    def difference(self) -> float:
        """How much higher the quantized one's figure is; negative where it is lower."""
        return self.quantized - self.parent


@dataclass(frozen=True)
class Figures:
    """All that is measured.

    `cosine_*` and `top1` compare the vectors of `inputs_count` inputs; `tasks` has a metric of each head
    (higher is better); `differences` are the ways in which company changed answers of the quantized one;
    `latency_ms` is by size of the input; `peak_memory_mb` is in MiB, as Lambda's setting is.
    """

    inputs_count: int
    cosine_mean: float
    cosine_p1: float
    cosine_min: float
    top1: float
    tasks: Mapping[str, Pair]
    differences: tuple[str, ...]
    latency_ms: Mapping[str, Pair]
    size_bytes: Pair
    open_ms: Pair
    peak_memory_mb: Pair
