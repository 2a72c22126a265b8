"""`coldframe train`: a model from rows, with figures in its card."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from typer import Option

from infra.cli.options import Model, check_trained
from models.forge import linear_text
from models.forge.crossfit import Progress as StepProgress
from models.forge.figures import Figure
from models.forge.linear_text import Trained
from models.forge.threshold.choose import Threshold
from models.forge.version import MODELS


def train(
    name: Model,
    data: Annotated[Path, Option(help="A CSV with the columns text and label, or a folder of such.")],
    cv: Annotated[
        bool, Option("--cv", help="Measure by 5-fold cross-validation too (thrice the time).")
    ] = False,
    into: Annotated[Path | None, Option(help="Folder to write to; without it, models/NAME.")] = None,
) -> None:
    """Train a model on your rows, and write weights, figures, card and pictures of its thresholds.

    The same rows give the same bytes. Publish what comes out with coldframe publish NAME --version v1.1.0,
    and make it live with coldframe promote NAME v1.1.0.

    [bold]Examples[/]

    coldframe train sentiment --data reviews.csv --cv

    coldframe train sentiment --data rows/ --into build/sentiment
    """
    check_trained(name)
    folder = into or MODELS / name
    recipe = import_module(f"models.{name}.recipe")
    console = Console()
    with step_bars(console) as progress:
        trained = linear_text.train(recipe.RECIPE, data, cv=cv, progress=progress, folder=folder)
    show(console, trained)
    pictures = ", pictures/" if trained.thresholds else ""
    console.print(f"Written to {folder}: weights.npz, metrics.json, card.md{pictures}.", markup=False)


@contextmanager
def step_bars(console: Console) -> Iterator[StepProgress]:
    """Give what training tells of its steps, and show a bar for each."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, Any] = {}

        def progress(stage: str, done: int, of: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=of)
            bars.update(tasks[stage], completed=done)

        yield progress


def show(console: Console, trained: Trained) -> None:
    """Say what training made: what it falls short in, its figures, its size."""
    for warning in trained.warnings:
        console.print("[yellow]Falls short:[/]", escape(warning))
    if trained.figures:
        console.print(figures(trained.figures))
    if trained.thresholds:
        console.print(_thresholds(trained.thresholds))
    chosen = trained.calibration
    console.print(
        f"Calibration: {chosen.calibration.kind}; expected calibration error {chosen.ece_before:.4f} before, "
        f"{chosen.ece_after:.4f} after."
    )
    console.print(
        f"Trained on {trained.rows:,} rows; {trained.weights_bytes:,} bytes of weights, which differ from "
        f"float64 by at most {trained.parity.max_probability_difference:.1e} in a probability."
    )


def figures(measured: Sequence[Figure]) -> Table:
    """A row for each figure; there is at least one."""
    table = Table(title=escape(measured[0].split))
    for heading in ("rows of", "metric", "value", "rows"):
        table.add_column(heading, justify="right" if heading in {"value", "rows"} else "left")
    for figure in measured:
        table.add_row(escape(figure.dataset), figure.metric, f"{figure.value:.4f}", f"{figure.rows:,}")
    return table


def _thresholds(chosen: Mapping[str, Threshold]) -> Table:
    table = Table(title="thresholds, with where they lie in 95% of resamples")
    for heading in ("of", "value", "from", "to", "chosen for"):
        table.add_column(heading, justify="right" if heading in {"value", "from", "to"} else "left")
    for name, threshold in chosen.items():
        low, high = threshold.interval
        words = threshold.objective.words()
        table.add_row(name, f"{threshold.value:g}", f"{low:.3f}", f"{high:.3f}", words)
    return table
