"""`coldframe predict`: the call that the API makes, from the command line."""

import json
import sys
from typing import Annotated

from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from typer import Argument, Option

from coldframe.errors import ColdframeError
from coldframe.inputs import Readable, explain
from coldframe.slot import ModelSlot
from infra.cli.answers import table_of
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

    coldframe predict tickets "The printer in the back office is jammed again"
    """
    given = texts or _lines()
    if not given:
        raise ColdframeError("There is no text to classify: give some, or a line each on standard input.")
    where = place(stack)
    predictor = ModelSlot(where.store, name, environment=where.environment).start().wait().current().predictor
    _check(given, predictor.manifest.text_max_chars)
    if as_json:
        for answer in predictor.predict(given):
            print(json.dumps(answer, ensure_ascii=False))  # noqa: T201 - for programs, not for the console
    else:
        Console(markup=False, emoji=False).print(table_of(given, predictor))


def _lines() -> list[str]:
    """Read standard input, blank lines left out."""
    try:
        given = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ColdframeError("Standard input is not UTF-8: try iconv -f CP932 -t UTF-8 first.") from error
    return [line for line in given.splitlines() if line.strip()]


def _check(texts: list[str], max_chars: int) -> None:
    """Hold the texts to the API's limits, all but that on their number."""
    readable: TypeAdapter[str] = TypeAdapter(Annotated[str, Readable(max_chars)])
    for number, text in enumerate(texts, 1):
        try:
            readable.validate_python(text, strict=True)
        except ValidationError as error:
            raise ColdframeError(f"text {number} {explain(error.errors()[0])}.") from error
