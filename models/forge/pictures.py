"""Pictures of a threshold, as SVG: the same rows always give the same bytes."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.forge.metrics import ECE_BINS
from models.forge.svg import BEHIND_WORDS, BLACK, BLUE, GREY, ORANGE, drawn_figure, to_svg
from models.forge.threshold.choose import HALF, Threshold
from models.forge.threshold.confusion import Confusion
from models.forge.threshold.sweep import Counts, Floats, Sweep, sweep

if TYPE_CHECKING:  # matplotlib is imported when something is drawn: it takes half a second
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POINTS_MAX_COUNT = 400  # of a curve: more cannot be seen, and make the file large
SCORE_BINS = 40


class Drawing(NamedTuple):
    """What every picture is drawn from."""

    threshold: Threshold
    labels: NDArray[np.bool_]
    scores: Floats
    swept: Sweep


def draw(threshold: Threshold, labels: NDArray[np.bool_], scores: Floats) -> dict[str, bytes]:
    """Return the SVG files, by name, of a threshold that was chosen on labels (rows,) and scores (rows,)."""
    drawing = Drawing(threshold, labels, scores, sweep(labels, scores))
    pictures = {
        "precision-recall": _precision_recall,
        "scores": _scores,
        "objective": _objective,
        "reliability": _reliability,
    }
    made = {}
    for name, picture in pictures.items():
        with drawn_figure() as figure:
            picture(figure, drawing)
            made[f"{name}.svg"] = to_svg(figure)
    return made


def write(folder: Path, stem: str, pictures: Mapping[str, bytes]) -> list[Path]:
    """Write pictures into the folder, each as STEM.NAME, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{stem}.{name}" for name in pictures]
    for path, data in zip(paths, pictures.values(), strict=True):
        path.write_bytes(data)
    return paths


def _precision_recall(figure: "Figure", drawing: Drawing) -> None:
    axes, threshold, counts = figure.add_subplot(), drawing.threshold, drawing.swept.counts
    steps = np.linspace(1, counts.positives, POINTS_MAX_COUNT)
    places = np.unique(np.searchsorted(counts.found, steps))
    found, false_alarms = counts.found[places], counts.false_alarms[places]
    axes.plot(found / counts.positives, found / (found + false_alarms), color=BLUE)
    share = threshold.at_value.positives / threshold.at_value.rows
    axes.axhline(share, color=GREY, linewidth=1, linestyle=":")
    axes.text(0.01, share + 0.01, "flagging rows at random", color=GREY)
    points = {threshold.value: ("chosen", threshold.at_value, BLACK)}
    points.setdefault(HALF, ("at", threshold.at_half, GREY))
    for order, (value, (word, at, color)) in enumerate(sorted(points.items(), reverse=True)):
        _point(axes, at, f"{word} {_shown(value)}", color, order)
    axes.set(xlim=(0, 1.03), ylim=(0, 1.05), title=f"{threshold.name}: precision and recall")
    axes.set_xlabel(f"recall: share of actual “{threshold.name}” that is flagged")
    axes.set_ylabel(f"precision: share of flagged that is “{threshold.name}”")


def _point(axes: "Axes", at: Confusion, words: str, color: str, order: int) -> None:
    """Mark what a threshold gives; the words of the first stand above those of the second."""
    if at.precision is None:
        return
    axes.plot([at.recall], [at.precision], "o", color=color, markersize=8)
    below = at.precision > 0.4
    axes.annotate(
        words,
        (at.recall, at.precision),
        xytext=(-35, (-18, -44)[order]) if below else (10, (50, 26)[order]),
        textcoords="offset points",
        ha="right" if below else "center",
        arrowprops={"arrowstyle": "-", "color": color},
        color=color,
    )


def _scores(figure: "Figure", drawing: Drawing) -> None:
    axes, name = figure.add_subplot(), drawing.threshold.name
    shares = {
        kind: np.histogram(drawing.scores[drawing.labels == kind], SCORE_BINS, (0, 1))[0]
        for kind in (False, True)
    }
    shares = {kind: counts / counts.sum() for kind, counts in shares.items()}
    edges = np.linspace(0, 1, SCORE_BINS + 1)
    for kind, color, words in ((False, BLUE, f"not “{name}”"), (True, ORANGE, f"“{name}”")):
        axes.stairs(shares[kind], edges, fill=True, color=color, alpha=0.35)
        axes.stairs(shares[kind], edges, color=color)
        place = int(np.argmax(shares[kind] - shares[not kind]))  # where the other kind is least in the way
        axes.annotate(
            words,
            ((edges[place] + edges[place + 1]) / 2, shares[kind][place]),
            xytext=(0, 4),
            textcoords="offset points",
            ha="left" if place < SCORE_BINS / 2 else "right",
            color=color,
            bbox=BEHIND_WORDS,
        )
    _lines(axes, drawing.threshold)
    axes.set(xlim=(0, 1), title=f"{name}: scores of rows of either kind")
    axes.set(xlabel="score", ylabel="share of the rows of that kind")
    _leave_room_above(axes)


def _objective(figure: "Figure", drawing: Drawing) -> None:
    axes, threshold, swept = figure.add_subplot(), drawing.threshold, drawing.swept
    values = np.linspace(0, 1, POINTS_MAX_COUNT + 1)
    at = [swept.at(value) for value in values]
    counts = Counts(
        np.array([one.true_positive for one in at]),
        np.array([one.false_positive for one in at]),
        swept.counts.positives,
        swept.counts.negatives,
    )
    axes.axvspan(*threshold.interval, color=ORANGE, alpha=0.25, linewidth=0)
    axes.plot(values, threshold.objective.curve(counts), color=BLUE)
    _lines(axes, threshold)
    low, high = threshold.interval
    axes.set(xlim=(0, 1), title=f"{threshold.name}: {threshold.objective.words()}")
    axes.set_xlabel(f"threshold (shaded: where it lies in 95% of resamples, {low:.3f} to {high:.3f})")
    axes.set_ylabel(threshold.objective.axis)
    _leave_room_above(axes)


def _leave_room_above(axes: "Axes") -> None:
    axes.set_ylim(0, 1.2 * axes.dataLim.y1)


def _lines(axes: "Axes", threshold: Threshold) -> None:
    """Draw the chosen threshold and 0.50, with words that meet neither each other nor the edge."""
    value = threshold.value
    if value != HALF:
        _line(axes, HALF, _shown(HALF), GREY, "--", right=value < HALF)
    _line(axes, value, f"chosen: {_shown(value)}", BLACK, "-", right=value < 0.25 or HALF <= value <= 0.75)


def _shown(value: float) -> str:
    return f"{value:.2f}" if round(value, 2) == value else f"{value:g}"


def _line(axes: "Axes", value: float, words: str, color: str, style: str, *, right: bool) -> None:
    axes.axvline(value, color=color, linewidth=1.5, linestyle=style)
    axes.annotate(
        words,
        (value, 1),
        xycoords=("data", "axes fraction"),
        xytext=(5 if right else -5, -4),
        textcoords="offset points",
        ha="left" if right else "right",
        va="top",
        color=color,
    )


def _reliability(figure: "Figure", drawing: Drawing) -> None:
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.3))
    name = drawing.threshold.name
    bins = np.minimum((drawing.scores * ECE_BINS).astype(int), ECE_BINS - 1)
    counts = np.bincount(bins, minlength=ECE_BINS)
    held = np.flatnonzero(counts)
    sums = (np.bincount(bins, of, ECE_BINS)[held] for of in (drawing.scores, drawing.labels))
    score, share = (of / counts[held] for of in sums)
    upper.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=":")
    upper.text(0.02, 1, "dotted: right as often as the score says", color=GREY, va="top")
    upper.plot(score, share, "o-", color=BLUE)
    upper.set(xlim=(0, 1), ylim=(-0.03, 1.05), title=f"{name}: reliability of its scores, {ECE_BINS} bins")
    upper.set_ylabel(f"share that is “{name}”")
    bars = lower.bar((np.arange(ECE_BINS) + 0.5) / ECE_BINS, counts, 0.9 / ECE_BINS, color=BLUE, alpha=0.35)
    lower.bar_label(bars, [f"{count:,}" for count in counts], fontsize=7, padding=1)
    lower.set(xlabel="score", ylabel="rows", yticks=[])
    lower.margins(y=0.3)
