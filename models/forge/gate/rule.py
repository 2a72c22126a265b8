"""The rule: SAFE or UNSAFE by figures alone. Every limit is here.

The figures beside the limits are MiniLM's in INT8, on 7,206 texts: with one scale for each output channel, and
with one for each whole matrix, which is what the gate is there to stop (docs/gate.md).
"""

from collections.abc import Iterator
from typing import NamedTuple

from models.forge.gate.figures import Figures, Pair

SAFE, UNSAFE = "SAFE", "UNSAFE"

# By channel 0.992, by matrix 0.880. A head fitted to float vectors meets vectors that are turned by 10°.
COSINE_MEAN_MIN = 0.985
# By channel 0.986, by matrix 0.790. A good mean hides a bad tail: one input in a hundred may lie below this.
COSINE_P1_MIN = 0.96
# By channel 0.976, by matrix 0.726. No input at all may be answered as if it were another one.
COSINE_MIN_MIN = 0.93
# By channel 0.98, by matrix 0.65, of neighbours but for near ties. A search may go astray for one in twenty.
TOP1_AGREEMENT_MIN = 0.95
# What a head may lose. Of 1,000 inputs 10 is what chance moves; more is the quantization's.
TASK_LOSS_MAX = 0.01
# Faster at every size. Six runs of the same two graphs gave ratios that differ by 4%: 1.1 is no chance.
LATENCY_RATIO_MIN = 1.1

_DECIMALS = 9  # 0.91 is 0.01 less than 0.92, also in binary


class Check(NamedTuple):
    """One line of the rule: a figure, its limit in words, whether it is kept, and what is wrong if not."""

    name: str
    pair: Pair | None
    value: float
    limit: str
    kept: bool
    reason: str


def checks(figures: Figures) -> list[Check]:
    """Hold the figures to every limit. What is no number keeps none."""
    return [
        _at_least("cosine, mean", figures.cosine_mean, COSINE_MEAN_MIN),
        _at_least("cosine, 1st percentile", figures.cosine_p1, COSINE_P1_MIN),
        _at_least("cosine, minimum", figures.cosine_min, COSINE_MIN_MIN),
        _at_least("top-1 agreement", figures.top1, TOP1_AGREEMENT_MIN),
        *(_task(name, pair) for name, pair in figures.tasks.items()),
        _company(figures.differences),
        *_speed(figures),
        _size(figures.size_bytes),
    ]


def judge(figures: Figures) -> tuple[str, tuple[str, ...]]:
    """Return the verdict, SAFE or UNSAFE, and the reasons: one for each limit that is not kept."""
    reasons = tuple(check.reason for check in checks(figures) if not check.kept)
    return (UNSAFE if reasons else SAFE), reasons


def _at_least(name: str, value: float, limit: float) -> Check:
    reason = f"{name}: {value:g}, at least {limit:g} is needed"
    return Check(name, None, value, f"≥ {limit:g}", value >= limit, reason)


def _task(name: str, pair: Pair) -> Check:
    loss = round(-pair.difference, _DECIMALS)
    reason = (
        f"{name}: {pair.quantized:g}, the float parent has {pair.parent:g}; {TASK_LOSS_MAX:g} may be lost"
    )
    return Check(name, pair, pair.difference, f"≥ -{TASK_LOSS_MAX:g}", loss <= TASK_LOSS_MAX, reason)


def _company(differences: tuple[str, ...]) -> Check:
    name = "answers changed by company"
    reason = f"{name}: {'; '.join(differences)}; they must be the same to the last bit"
    return Check(name, None, len(differences), "none", not differences, reason)


def _speed(figures: Figures) -> Iterator[Check]:
    for size, pair in figures.latency_ms.items():
        name, kept = f"latency at {size}, ms", pair.ratio >= LATENCY_RATIO_MIN
        reason = f"latency at {size}: {pair.ratio:g} times as fast, at least {LATENCY_RATIO_MIN:g} is needed"
        yield Check(name, pair, pair.ratio, f"≥ {LATENCY_RATIO_MIN:g}", kept, reason)


def _size(pair: Pair) -> Check:
    reason = f"size: {pair.quantized:,.0f} bytes, not smaller than the parent's {pair.parent:,.0f}"
    return Check("size in bytes", pair, pair.ratio, "> 1", pair.quantized < pair.parent, reason)
