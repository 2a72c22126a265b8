"""Write the figures into a model's card, between two markers."""

from collections.abc import Sequence
from pathlib import Path

from models.forge.figures import Figure
from models.forge.quantize import Parity

BEGIN, END = "<!-- figures: written by training -->", "<!-- end of figures -->"


def write_figures(card: Path, template: Path, figures: Sequence[Figure], parity: Parity) -> None:
    """Put a table between the markers of the template, and the result in card, which may be the same file."""
    before, _, rest = template.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    lines = [BEGIN, *_table(figures), "", _parity_line(parity), END]
    card.write_text(before + "\n".join(lines) + after, encoding="utf-8")


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
