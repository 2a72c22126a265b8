"""`coldframe predict`: the call that the API makes, from the command line."""

import json
import sys
from typing import Annotated, Literal

from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from typer import Argument, Option

from coldframe.classifier import Answer
from coldframe.errors import ColdframeError
from coldframe.inputs import TextRequest
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
    given = _checked(texts or sys.stdin.read().splitlines())
    where = place(stack)
    model = ModelSlot(where.store, name).start().wait().current()
    answers = model.classifier.predict(given)
    if as_json:
        for answer in answers:
            print(json.dumps(answer, ensure_ascii=False))  # noqa: T201 - for programs, not for the console
    else:
        Console(markup=False, emoji=False).print(_table(given, answers, f"{name} {model.manifest.version}"))


def _checked(texts: list[str]) -> list[str]:
    try:
        return TextRequest(texts=texts).batch()
    except ValidationError as error:
        found = error.errors()[0]
        where = f"text {int(found['loc'][1]) + 1}" if len(found["loc"]) > 1 else "the texts"
        raise ColdframeError(f"{where}: {found['msg']}.") from error


def _table(texts: list[str], answers: list[Answer], title: str) -> Table:
    table = Table(title=title)
    for heading in ("text", "result", "score", "label", *answers[0]["scores"]):
        justify: Literal["left", "right"] = "left" if heading in {"text", "result", "label"} else "right"
        table.add_column(heading, justify=justify, overflow="fold")
    for text, answer in zip(texts, answers, strict=True):
        scores = (f"{score:.3f}" for score in answer["scores"].values())
        score = f"{answer['score']:.3f}" if "score" in answer else ""
        table.add_row(text, answer.get("result", ""), score, answer["label"], *scores)
    return table
