"""Write what training knows (terms of the data, facts, figures) into a model's card, between markers."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from models.forge.figures import Figure
from models.forge.quantize import Parity


class Facts(NamedTuple):
    """What training knows of the weights that it made; their size is in bytes."""

    labels: Sequence[str]
    rows: int
    weights_bytes: int


_NOTES = {
    "terms": "written by training",
    "facts": "written by training",
    "figures": "written by training",
    "study": "of the weights that come with the project; training on other rows replaces it",
}
_NOT_STUDIED = [
    "## What it is bad at",
    "",
    "Not studied: these weights were trained on other rows than those that come with the project.",
]


def write_card(
    card: Path,
    template: Path,
    terms: str,
    facts: Facts,
    figures: Sequence[Figure],
    parity: Parity,
    *,
    studied: bool,
) -> None:
    """Put what training knows between the markers of `template`, and the result in `card`, which may be it.

    Unless `studied`, what the template says of other weights than these gives way to a note that nobody has.
    """
    text = _between("terms", template.read_text(encoding="utf-8"), [f"> **Terms of its data:** {terms}"])
    text = _between("facts", text, [_facts_line(facts)])
    text = _between("figures", text, [*_table(figures), "", _parity_line(parity)])
    if not studied:
        text = _between("study", text, _NOT_STUDIED)
    card.write_text(text, encoding="utf-8")


def _between(what: str, text: str, lines: Sequence[str]) -> str:
    begin, end = f"<!-- {what}: {_NOTES[what]} -->", f"<!-- end of {what} -->"
    before, _, rest = text.partition(begin)
    return before + "\n".join([begin, *lines, end]) + rest.partition(end)[2]


def _facts_line(facts: Facts) -> str:
    return (
        f"**Its weights.** Labels {', '.join(facts.labels)}; fitted to {facts.rows:,} rows;"
        f" {facts.weights_bytes:,} bytes."
    )


def _table(figures: Sequence[Figure]) -> list[str]:
    if not figures:
        return ["Not measured: the last training ran without `--cv`."]
    head = ["| rows of | metric | value | rows | terms |", "|---|---|---|---|---|"]
    return [f"Split: {figures[0].split}.", "", *head] + [
        f"| {figure.dataset} | {figure.metric} | {figure.value:.4f} | {figure.rows:,} | {figure.terms} |"
        for figure in figures
    ]


def _parity_line(parity: Parity) -> str:
    return (
        f"Against its float64 parent, on {parity.rows:,} rows: probabilities differ by at most"
        f" {parity.max_probability_difference:.1e}, the label is the same on {parity.label_agreement:.2%}."
    )
