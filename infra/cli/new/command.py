"""`coldframe new`: from a CSV of labelled texts to an endpoint, in one command."""

from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from rich.console import Console
from typer import Argument, Option

from coldframe import limits
from infra.cli.new import template
from infra.cli.new.files import Plan
from infra.cli.new.labels import check_alarm, read_labels
from infra.cli.new.making import Made, make
from infra.cli.new.names import check_name, check_title
from infra.cli.new.placing import TEMPLATE, put
from infra.cli.new.project import ROOT, check_template, template_text
from infra.cli.train import show, step_bars
from models.forge.linear_text import csv_files
from models.forge.rows import Rows, read_rows


class Kind(StrEnum):
    """What a new model can be."""

    LINEAR_TEXT = "linear-text"


def new(
    name: Annotated[
        str, Argument(help="Lower-case letters and digits, such as complaints.", show_default=False)
    ],
    data: Annotated[Path, Option(help="A CSV with the columns text and label, or a folder of such.")],
    kind: Annotated[Kind, Option(help="What the model is.")] = Kind.LINEAR_TEXT,
    alarm: Annotated[list[str] | None, Option(help="A label that raises the alarm; may be repeated.")] = None,
    title: Annotated[str | None, Option(help="What the model tells; without it, its name.")] = None,
) -> None:
    """Make a classifier of your own from labelled texts: endpoint, CSV path, model, card and checks.

    It needs 2 to 20 labels of 20 rows each. The next make run serves it. A failure leaves the project as it
    was, and coldframe remove NAME takes all of it away again (docs/new-model.md).

    [bold]Examples[/]

    coldframe new complaints --kind linear-text --data rows.csv

    coldframe new mails --data rows.csv --alarm angry --alarm threat --title "Angry mails"
    """
    title = name.capitalize() if title is None else title
    check_name(name, ROOT, template_text())
    check_title(title)
    plan, rows = _plan(kind, name, title, data, tuple(dict.fromkeys(alarm or ())))
    console = Console()
    with TemporaryDirectory() as folder:
        staged = Path(folder)
        with step_bars(console) as progress:
            made = make(plan, rows, data, ROOT, staged, progress)
        check_name(name, ROOT, template_text())  # somebody may have taken it meanwhile
        text = template.add(template_text(), name, limits.LONG_TEXT_MAX_CHARS)
        put(staged, ROOT, text, check_template)
    show(console, made.trained)
    _say(console, plan, made)


def _plan(kind: Kind, name: str, title: str, data: Path, alarm: tuple[str, ...]) -> tuple[Plan, Rows]:
    paths = csv_files(data)
    labels = read_labels(paths)
    names = {label.casefold(): label for label in labels}
    rows = read_rows(paths, labels, names, limits.LONG_TEXT_MAX_CHARS, {})
    counts = {label: rows.targets.tolist().count(place) for place, label in enumerate(rows.labels)}
    check_alarm(alarm, counts)
    return Plan(kind, name, title, counts, alarm), rows


def _say(console: Console, plan: Plan, made: Made) -> None:
    name = plan.name
    tried = ", ".join(f"{kind} {score:.4f}" for kind, score in made.brier.items())
    for line in (
        f"Features: {made.features}, by the lower Brier score in cross-validation ({tried}).",
        "",
        f"{plan.title} is in functions/{name}, models/{name}, docs/openapi/{name}.json and {TEMPLATE}.",
        f"make run serves it at /v1/{name}/predict, and scores what is dropped into the inbox's {name}/.",
        f"make test holds it to models/{name}/checks.csv: add lines of your own there.",
        f"coldframe remove {name} takes all of it away again.",
    ):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
