"""Figures that are SAFE with room to spare, to be worsened one at a time."""

from dataclasses import replace
from typing import Any

from models.forge.gate.figures import Figures, Pair

GOOD = Figures(
    inputs_count=100,
    cosine_mean=0.995,
    cosine_p1=0.985,
    cosine_min=0.975,
    top1=0.99,
    tasks={"triage": Pair(0.9, 0.9), "search": Pair(0.8, 0.81)},
    differences=(),
    latency_ms={"16 tokens": Pair(4.0, 2.0), "128 tokens": Pair(20.0, 8.0)},
    size_bytes=Pair(1000, 300),
    open_ms=Pair(100, 20),
    peak_memory_mb=Pair(300, 100),
)


def with_(**changes: Any) -> Figures:
    """GOOD, with other figures in these places."""
    return replace(GOOD, **changes)
