"""`coldframe predict`: the call that the API makes, from the command line."""

import json
import sys
from typing import Annotated

from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from typer import Argument, Option

from coldframe.errors import ColdframeError
from coldframe.inputs import TextRequest, explain
from coldframe.predictor import Predictor
from coldframe.slot import ModelSlot
from infra.cli.options import Model, Stack
from infra.cli.place import place


def predict(
    name: Model,
    texts: Annotated[list[str] | None, Argument(help="Texts; without any, a line each from stdin.")] = None,
    stack: Stack = None,
    as_json: Annotated[bool, Option("--json", help="Print a JSON object a line instead of a table.")] = False,
) -> None:
    """Classify texts with the version that is live, bit for bit as the API does.

    [bold]Examples[/]

    coldframe predict sentiment この商品は素晴らしいです！ 最悪の商品でした

    coldframe predict sentiment --json < reviews.txt
    """
    given = _checked(texts if texts else _lines())
    where = place(stack)
    model = ModelSlot(where.store, name).start().wait().current()
    if as_json:
        for answer in model.predictor.predict(given):
            print(json.dumps(answer, ensure_ascii=False))  # noqa: T201 - for programs, not for the console
    else:
        table = _table(given, model.predictor, f"{name} {model.manifest.version}")
        Console(markup=False, emoji=False).print(table)


def _lines() -> list[str]:
    """Read standard input, blank lines left out."""
    try:
        given = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ColdframeError("Standard input is not UTF-8: try iconv -f CP932 -t UTF-8 first.") from error
    return [line for line in given.splitlines() if line.strip()]


def _checked(texts: list[str]) -> list[str]:
    """Hold the texts to the API's limits, all but that on their number."""
    if not texts:
        raise ColdframeError("There is no text to classify: give some, or a line each on standard input.")
    for number, text in enumerate(texts, 1):
        try:
            TextRequest(text=text)
        except ValidationError as error:
            raise ColdframeError(f"text {number} {explain(error.errors()[0])}.") from error
    return texts


def _table(texts: list[str], predictor: Predictor, title: str) -> Table:
    rows = predictor.rows(texts)
    table = Table("text", title=title)
    table.columns[0].overflow = "fold"
    word_count = len(rows[0][0])
    for number, heading in enumerate(predictor.columns):
        table.add_column(heading.removeprefix("score_"), justify="left" if number < word_count else "right")
    for text, (words, numbers) in zip(texts, rows, strict=True):
        table.add_row(text, *words, *(f"{score:.3f}" for score in numbers))
    return table
