"""`coldframe kb safety`: five steps that end in SAFE or UNSAFE."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich.console import Console
from rich.table import Table
from typer import Argument, Exit, Option

from infra.cli.options import check_recipe
from infra.cli.train import step_bars
from models.forge.version import MODELS, read_version

if TYPE_CHECKING:
    from models.forge.knowledge.safety.rule import Safety


def safety(
    name: Annotated[str, Argument(help="The model's name, as in models/NAME.")] = "tickets",
    folder: Annotated[
        Path | None, Option(help="Where kb build --into wrote the version; without it, models/NAME.")
    ] = None,
) -> None:
    """Say whether a version is SAFE: it answers as without its stored embeddings, and is refused when broken.

    Compares answers and times with and without embeddings.npz, on the texts of
    models/NAME/held_out.csv or else on up to 200 of the document's phrasings. Then
    leaves files out, exchanges and damages them. Three quarters of a minute for
    tickets. Ends with exit code 1 when it is UNSAFE.

    [bold]Examples[/]

    coldframe kb safety

    coldframe kb safety hr --folder build/hr
    """
    from models.forge.knowledge.safety import run  # brings onnxruntime, which other commands do without

    check_recipe(name)
    version = read_version(name, folder)
    tickets = run.tickets_of(version, MODELS / name)
    console = Console(markup=False, emoji=False, highlight=False)
    with step_bars(console) as progress:
        found = run.safety(version, tickets, progress)
    show(console, found)
    if found.reasons:
        raise Exit(1)


def show(console: Console, found: "Safety") -> None:
    """Say what each step found, then the verdict with its reasons."""
    table = Table("", "step", "found", "verdict", title=found.version)
    for number, step in enumerate(found.steps, 1):
        table.add_row(str(number), step.name, step.found, "BROKEN" if step.reasons else "kept")
    console.print(table)
    console.print(found.verdict, style="bold red" if found.reasons else "bold green")
    for reason in found.reasons:
        console.print(f"  {reason}", soft_wrap=True)
