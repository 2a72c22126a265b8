"""The picture of what the gate found: the cosines with their limits, and the latency by size."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.forge.gate import rule
from models.forge.gate.report import Gate
from models.forge.svg import BEHIND_WORDS, BLACK, BLUE, GREY, ORANGE, drawn_figure, to_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE_INCHES = (10.0, 4.4)
BINS = 40


def draw(found: Gate, cosines: NDArray[np.float64]) -> bytes:
    """Return the SVG file of a gate and the cosine of each input, (inputs,); always the same bytes."""
    with drawn_figure(SIZE_INCHES) as figure:
        left, right = figure.subplots(1, 2, width_ratios=(1.2, 1))
        _cosines(left, found, cosines)
        _latency(right, found)
        figure.suptitle(f"{found.quantized.file} against {found.parent.file}: {found.verdict}")
        return to_svg(figure)


def _cosines(axes: "Axes", found: Gate, cosines: NDArray[np.float64]) -> None:
    figures = found.figures
    low = min(rule.COSINE_MIN_MIN, float(cosines.min())) - 0.005
    counts, edges = np.histogram(cosines, BINS, (low, 1))
    axes.stairs(counts, edges, fill=True, color=BLUE, alpha=0.35)
    axes.stairs(counts, edges, color=BLUE)
    most = counts.max()
    limits = {
        "mean": (figures.cosine_mean, rule.COSINE_MEAN_MIN),
        "1st percentile": (figures.cosine_p1, rule.COSINE_P1_MIN),
        "minimum": (figures.cosine_min, rule.COSINE_MIN_MIN),
    }
    for row, (name, (value, limit)) in enumerate(limits.items()):
        height, color = most * (1.1 + 0.18 * row), BLACK if value >= limit else ORANGE
        axes.vlines(limit, 0, height, color=GREY, linestyle="--", linewidth=1.2)
        axes.plot([limit, value], [height, height], color=color, linewidth=1)
        axes.plot([value], [height], "o", color=color, markersize=6)
        words = f"{name} {value:.3f}, limit {limit:g}"
        axes.text(1, height + most * 0.055, words, ha="right", color=color, bbox=BEHIND_WORDS)
    words = f"top-1 agreement {figures.top1:.3f}, limit {rule.TOP1_AGREEMENT_MIN:g}"
    axes.set(xlim=(low, 1), ylim=(0, most * 1.65), title=f"{figures.inputs_count:,} inputs: {words}")
    axes.set(xlabel="cosine with the float vector (dashed: limits)", ylabel="inputs")


def _latency(axes: "Axes", found: Gate) -> None:
    pairs = found.figures.latency_ms
    places = np.arange(len(pairs))
    for shift, color, name, values in (
        (-0.2, GREY, "float", [pair.parent for pair in pairs.values()]),
        (0.2, BLUE, "quantized", [pair.quantized for pair in pairs.values()]),
    ):
        bars = axes.bar(places + shift, values, 0.38, color=color, label=name)
        axes.bar_label(bars, [f"{value:.1f}" for value in values], padding=2)
    names = [f"{size}\n{pair.ratio:.2f} ×" for size, pair in pairs.items()]
    axes.set_xticks(places, names)
    axes.legend(frameon=False, loc="upper left")
    axes.margins(y=0.15)
    axes.set(title="Latency on one thread, median", xlabel="×: how many times as fast", ylabel="ms")
