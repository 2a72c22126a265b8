"""`coldframe predict`: the call that the API makes, from the command line."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from typer import Argument, Option

from coldframe.errors import ColdframeError
from coldframe.inputs import Readable, explain
from coldframe.manifest import FEATURE_ROWS
from coldframe.predictor import Answer, Predictor
from coldframe.slot import ModelSlot
from infra.cli.answers import table_of
from infra.cli.options import Model, Stack
from infra.cli.place import place

if TYPE_CHECKING:
    from coldframe.features import FeatureModel


def predict(
    name: Model,
    texts: Annotated[
        list[str] | None,
        Argument(help="Texts, or the numbers of one row; without any, a line each from stdin."),
    ] = None,
    stack: Stack = None,
    as_json: Annotated[bool, Option("--json", help="Print a JSON object a line instead of a table.")] = False,
) -> None:
    """Classify texts with the version that is live, bit for bit as the API does.

    A model of features takes the numbers of a row instead, in order; put -- before the first negative one.

    [bold]Examples[/]

    coldframe predict sentiment この商品は素晴らしいです！ 最悪の商品でした

    coldframe predict sentiment --json < reviews.txt

    coldframe predict tickets "The printer in the back office is jammed again"

    coldframe predict iris 5.1 3.5 1.4 0.2
    """
    given = texts or _lines()
    if not given:
        raise ColdframeError("There is nothing to classify: give some, or a line each on standard input.")
    where = place(stack)
    model = ModelSlot(where.store, name, environment=where.environment).start().wait().current()
    if model.manifest.kind == FEATURE_ROWS:
        rows = [given] if texts else [line.replace(",", " ").split() for line in given]
        _score_rows(rows, model.feature_model, as_json)
    else:
        _check(given, model.manifest.text_max_chars)
        _answer_texts(given, model.predictor, as_json)


def _answer_texts(texts: list[str], predictor: Predictor, as_json: bool) -> None:
    if as_json:
        _print(predictor.predict(texts))
    else:
        Console(markup=False, emoji=False).print(table_of(texts, predictor))


def _score_rows(rows: list[list[str]], model: "FeatureModel", as_json: bool) -> None:
    from infra.cli import rows as of_rows  # onnxruntime comes with it

    if as_json:
        _print(of_rows.answers(rows, model))
    else:
        Console(markup=False, emoji=False).print(of_rows.table_of(rows, model))


def _print(answers: list[Answer]) -> None:
    for answer in answers:
        print(json.dumps(answer, ensure_ascii=False))  # noqa: T201 - for programs, not for the console


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
