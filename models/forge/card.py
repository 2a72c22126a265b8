"""Write what training knows (terms of the data, facts, figures) into a model's card, between markers."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from models.forge.calibrate import Choice
from models.forge.figures import Figure
from models.forge.quantize import Parity
from models.forge.threshold.choose import HALF, Threshold


class Facts(NamedTuple):
    """What training knows of the weights that it made; their size is in bytes."""

    labels: Sequence[str]
    rows: int
    weights_bytes: int


_NOTES = {
    "terms": "written by training",
    "facts": "written by training",
    "figures": "written by training",
    "thresholds": "written by training",
    "study": "of the weights that come with the project; training on other rows replaces it",
}
_NOT_STUDIED = [
    "## What it is bad at",
    "",
    "Not studied: these weights were trained on other rows than those that come with the project.",
]


def write_card(card: Path, template: Path, parts: Mapping[str, Sequence[str]], *, studied: bool) -> None:
    """Put the lines of each part between its markers in `template`; the result is `card`, which may be it.

    Unless `studied`, what the template says of other weights than these gives way to a note that nobody has.
    """
    text = template.read_text(encoding="utf-8")
    for what, lines in parts.items():
        text = _between(what, text, lines)
    if not studied:
        text = _between("study", text, _NOT_STUDIED)
    card.write_text(text, encoding="utf-8")


def terms(stated: str) -> list[str]:
    """The line on the terms of the data."""
    return [f"> **Terms of its data:** {stated}"]


def facts(known: Facts) -> list[str]:
    """The line on the weights."""
    return [
        f"**Its weights.** Labels {', '.join(known.labels)}; fitted to {known.rows:,} rows;"
        f" {known.weights_bytes:,} bytes."
    ]


def figures(measured: Sequence[Figure], calibration: Choice, parity: Parity) -> list[str]:
    """The table of figures, and a line each on the calibration and on what quantization costs."""
    return [*_table(measured), "", _calibration_line(calibration), "", _parity_line(parity)]


def thresholds(chosen: Mapping[str, Threshold]) -> list[str]:
    """Each threshold with its interval, what becomes of the rows at it and at 0.50, and its pictures."""
    return [line for threshold in chosen.values() for line in _threshold_lines(threshold)]


def _threshold_lines(threshold: Threshold) -> Iterator[str]:
    name, (low, high) = threshold.name, threshold.interval
    yield f"### {name}: {threshold.value:g}"
    yield ""
    yield (
        f"Chosen for {threshold.objective.words()}, on {threshold.at_value.rows:,} rows out of fold, of"
        f" which {threshold.at_value.positives:,} are {name}. It lies between {low:g} and {high:g} in 95% of"
        " resamples."
    )
    for value, at in ((threshold.value, threshold.at_value), (HALF, threshold.at_half)):
        yield ""
        yield f"| at {value:g} | predicted {name} | predicted not {name} |"
        yield "|---|---|---|"
        yield f"| actual {name} | {at.true_positive:,} | {at.false_negative:,} |"
        yield f"| actual not {name} | {at.false_positive:,} | {at.true_negative:,} |"
        yield ""
        precision = "none" if at.precision is None else f"{at.precision:.3f}"
        yield (
            f"Precision {precision}, recall {at.recall:.3f}, F1 {at.f1:.3f};"
            f" {at.alerts_per_1000:.0f} alerts per 1,000 rows."
        )
    yield ""
    for picture in ("precision-recall", "scores", "objective", "reliability"):
        yield f"![{name}: {picture}](pictures/{quote(name)}.{picture}.svg)"
    yield ""


def _between(what: str, text: str, lines: Sequence[str]) -> str:
    """The text with other lines between these markers; without the markers, as it is."""
    begin, end = f"<!-- {what}: {_NOTES[what]} -->", f"<!-- end of {what} -->"
    before, found, rest = text.partition(begin)
    if not found:
        return text
    return before + "\n".join([begin, *lines, end]) + rest.partition(end)[2]


def _table(figures: Sequence[Figure]) -> list[str]:
    if not figures:
        return ["Not measured: the last training ran without `--cv`."]
    head = ["| rows of | metric | value | rows | terms |", "|---|---|---|---|---|"]
    return [f"Split: {figures[0].split}.", "", *head] + [
        f"| {figure.dataset} | {figure.metric} | {figure.value:.4f} | {figure.rows:,} | {figure.terms} |"
        for figure in figures
    ]


def _calibration_line(choice: Choice) -> str:
    scores = ", ".join(f"{kind} {score:.5f}" for kind, score in choice.brier.items())
    return (
        f"Calibration: {choice.calibration.kind}, by the Brier score in cross-validation ({scores});"
        f" expected calibration error {choice.ece_before:.4f} before, {choice.ece_after:.4f} after."
    )


def _parity_line(parity: Parity) -> str:
    return (
        f"Against its float64 parent, on {parity.rows:,} rows: probabilities differ by at most"
        f" {parity.max_probability_difference:.1e}, the label is the same on {parity.label_agreement:.2%}."
    )
