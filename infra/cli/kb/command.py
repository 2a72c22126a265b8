"""`coldframe kb check`, `kb build` and `kb example`; `kb safety` is in a module of its own."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from rich.console import Console
from rich.markup import escape
from typer import Argument, Option, Typer

from coldframe.errors import ColdframeError
from infra.cli.kb import examples
from infra.cli.kb.making import Made, make_endpoint, make_version, next_version
from infra.cli.kb.safety import safety
from infra.cli.kb.show import overview, shortcomings
from infra.cli.train import figures, step_bars
from models.forge.knowledge.read import YAML_ENDINGS, read_document

kb = Typer(help="Knowledge bases of your own: check them, build them into models.", no_args_is_help=True)
kb.command()(safety)
File = Annotated[Path, Argument(help="A knowledge base, YAML or CSV.", show_default=False)]


class Example(StrEnum):
    """The public rows that a knowledge base can be made from."""

    CLINC150 = "clinc150"
    BANKING77 = "banking77"


@kb.command(no_args_is_help=True)
def check(file: File) -> None:
    """Say what is wrong with a knowledge base, line by line; or what is in it, and what it falls short in.

    [bold]Examples[/]

    coldframe kb check models/tickets/knowledge.yaml
    """
    document = read_document(file)
    console = Console()
    console.print(overview(document))
    for line in shortcomings(document):
        console.print("[yellow]Falls short:[/]", escape(line), soft_wrap=True, highlight=False)


@kb.command(no_args_is_help=True)
def build(
    file: File,
    name: Annotated[str, Option(help="Lower-case letters and digits, such as hr.")],
    into: Annotated[
        Path | None, Option(help="Folder for a model that is there; without it, models/NAME.")
    ] = None,
    title: Annotated[
        str | None, Option(help="What a new model is about; without it, the file's title.")
    ] = None,
) -> None:
    """Build a model from a knowledge base: a new one with its endpoint, or the next version of one there is.

    A new one is served by the next make run; a failure leaves the project as it was, and coldframe remove
    NAME takes all of it away again (docs/knowledge.md). The next version is for coldframe publish, then
    promote.

    [bold]Examples[/]

    coldframe kb build hr.yaml --name hr

    coldframe kb build hr.yaml --name hr --into build/hr
    """
    document = read_document(file)
    console = Console()
    version = next_version(name)
    if version is None and into is not None:
        raise ColdframeError(f"--into is for a model that is there, and {name} is new: leave it out.")
    with step_bars(console) as progress:
        if version is None:
            made = make_endpoint(document, file, name, title or document.title, progress)
        else:
            made = make_version(document, file, name, into, progress)
    _say(console, name, made, version, into)


@kb.command(no_args_is_help=True)
def example(
    name: Annotated[Example, Argument(help="Which rows.", show_default=False)],
    data: Annotated[Path, Option(help="The folder above tickets, which has the rows.")],
    into: Annotated[Path, Option(help="The YAML file to write.")],
) -> None:
    """Make a knowledge base from public rows of intents, which are not part of the project.

    [bold]Examples[/]

    coldframe kb example clinc150 --data data --into clinc150.yaml
    """
    if into.suffix.lower() not in YAML_ENDINGS:
        raise ColdframeError(f"--into {into} does not end on .yaml: name a file that does.")
    made = examples.clinc150(data) if name is Example.CLINC150 else examples.banking77(data)
    examples.write_yaml(made, into)
    Console().print(f"Written: {into}", markup=False, highlight=False, soft_wrap=True)


def _say(console: Console, name: str, made: Made, version: str | None, into: Path | None) -> None:
    for warning in made.built.warnings:
        console.print("[yellow]Falls short:[/]", escape(warning))
    if made.built.figures:
        console.print(figures(made.built.figures))
    lines = [f"{made.built.bytes:,} bytes in {made.folder}: {', '.join(made.files)}."]
    if version is None:
        lines += [
            f"make run serves it at /v1/{name}/classify, and scores files dropped into the inbox's {name}/.",
            f"coldframe remove {name} takes all of it away again.",
        ]
    else:
        folder = f" --folder {into}" if into else ""
        lines.append(f"coldframe publish {name} --version {version}{folder} publishes it, and")
        lines.append(f"coldframe promote {name} {version} makes it live.")
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
