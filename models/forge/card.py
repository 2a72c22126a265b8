"""Write the terms of the data and the figures into a model's card, between markers."""

from collections.abc import Sequence
from pathlib import Path

from models.forge.figures import Figure
from models.forge.quantize import Parity


def write_card(card: Path, template: Path, terms: str, figures: Sequence[Figure], parity: Parity) -> None:
    """Put terms and figures between the markers of `template`, and the result in `card`, which may be it."""
    text = _between("terms", template.read_text(encoding="utf-8"), [f"> **Terms of its data:** {terms}"])
    text = _between("figures", text, [*_table(figures), "", _parity_line(parity)])
    card.write_text(text, encoding="utf-8")


def _between(what: str, text: str, lines: Sequence[str]) -> str:
    begin, end = f"<!-- {what}: written by training -->", f"<!-- end of {what} -->"
    before, _, rest = text.partition(begin)
    return before + "\n".join([begin, *lines, end]) + rest.partition(end)[2]


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
