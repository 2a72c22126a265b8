"""The card of a knowledge base: what it knows, how good it was on texts that it had not seen."""

from collections.abc import Sequence
from pathlib import Path
from string import Template

from coldframe.triage.document import Document
from models.forge import card
from models.forge.figures import Figure

_TEMPLATE = Path(__file__).with_name("card.txt")
NOT_MEASURED = "Not measured: there are too few phrasings."


def write_card(folder: Path, document: Document, terms: str, figures: Sequence[Figure], size: int) -> None:
    """Write card.md in the folder, or where there is one, what stands between its markers. size: bytes."""
    path = folder / "card.md"
    if not path.exists():
        text = _TEMPLATE.read_text(encoding="utf-8")
        path.write_text(Template(text).substitute(title=document.title), encoding="utf-8")
    parts = {
        "terms": card.terms(terms),
        "facts": [_facts(document, size)],
        "figures": _table(figures),
    }
    card.write_card(path, path, parts, studied=True)


def _facts(document: Document, size: int) -> str:
    phrasings = sum(len(problem.phrasings) for problem in document.problems)
    return (
        f"**What it knows.** {len(document.categories)} categories, {len(document.problems):,} problems in"
        f" {phrasings:,} phrasings, {len(document.out_of_scope):,} texts out of scope; {size:,} bytes beside"
        " the encoder's."
    )


def _table(figures: Sequence[Figure]) -> list[str]:
    if not figures:
        return [NOT_MEASURED]
    head = [f"Split: {figures[0].split}.", "", "| texts | metric | value | texts |", "|---|---|---|---|"]
    return head + [f"| {one.dataset} | {one.metric} | {one.value:.4f} | {one.rows:,} |" for one in figures]
