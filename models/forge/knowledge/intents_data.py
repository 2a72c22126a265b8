"""The rows of two public sets of intents, CLINC150 and BANKING77, which are not part of the project."""

import csv
import io
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from models.forge.csv_file import UnusableRows

CLINC, DOMAINS = "tickets/clinc150.json", "tickets/clinc150_domains.json"
BANKING = "tickets/banking77_train.csv"

Row = tuple[str, str]  # text, intent
T = TypeVar("T")


class Clinc(BaseModel):
    """CLINC150 (Larson et al. 2019, arXiv:1909.02027) without its test part; oos are texts of no intent."""

    train: list[Row]
    val: list[Row]
    oos_train: list[Row]
    oos_val: list[Row]


def read_clinc(data: Path) -> tuple[Clinc, dict[str, str]]:
    """Return the rows and the domain of each intent; `data` is the folder above tickets.

    Raises UnusableRows with the file and what is wrong with it.
    """
    rows = _checked(data / CLINC, TypeAdapter(Clinc))
    domains = _checked(data / DOMAINS, TypeAdapter(dict[str, list[str]]))
    domain_of = {intent: domain for domain, intents in domains.items() for intent in intents}
    if without := sorted({intent for _, intent in (*rows.train, *rows.val)} - domain_of.keys()):
        raise UnusableRows(f"{DOMAINS} has no domain for {', '.join(without)}, which {CLINC} has.")
    return rows, domain_of


def read_banking(data: Path) -> list[Row]:
    """Return BANKING77's training rows (Casanueva et al. 2020, arXiv:2003.04807). Raises as above."""
    lines = csv.DictReader(io.StringIO(_text(data / BANKING), newline=""))
    if lines.fieldnames != ["text", "category"]:
        raise UnusableRows(f"{BANKING}: line 1 is {lines.fieldnames}, expected text,category.")
    rows = []
    for line in lines:
        if not line["text"] or not line["category"] or None in line:
            raise UnusableRows(f"{BANKING}: the row that ends on line {lines.line_num} is not text,category.")
        rows.append((line["text"], line["category"]))
    return rows


def _checked(path: Path, form: TypeAdapter[T]) -> T:
    try:
        return form.validate_json(_text(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"[{part!r}]" for part in first["loc"])
        raise UnusableRows(f"{path.name}{place}: {first['msg']}") from error


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        raise UnusableRows(f"{path} does not exist: --data names the folder above tickets.") from error
    except UnicodeDecodeError as error:
        raise UnusableRows(f"{path.name}: byte {error.start} is not UTF-8.") from error
