"""`coldframe export`: a scikit-learn or torch model into a version in ONNX."""

from pathlib import Path
from typing import Annotated

from rich.console import Console
from typer import Argument, Option

from infra.cli.train import figures
from models.forge.figures import Figure
from models.forge.version import Version

Reference = Annotated[str, Argument(metavar="MODULE:MODEL", help="The model, or a function that returns it.")]


def export(
    reference: Reference,
    name: Annotated[str, Option(help="The model's name.", show_default=False)],
    labels: Annotated[str, Option(help="The labels in the model's order: a,b,c.", show_default=False)],
    features: Annotated[str, Option(help="The numbers of a row, in order: age,size.", show_default=False)],
    version: Annotated[str, Option(help="v1.2.3.")] = "v1.0.0",
    into: Annotated[Path | None, Option(help="Folder to write to; without it, build/NAME/VERSION.")] = None,
    data: Annotated[
        Path | None, Option(help="A CSV of held-out rows: the features, and the column label.")
    ] = None,
) -> None:
    """Write a fitted classifier of numbers as a version in ONNX, with manifest.json beside it.

    MODULE is imported, and may lie in this folder: its code runs. The exported model must answer as the one
    that it was made from, to 1e-4 in a probability. The same model gives the same bytes.

    [bold]Examples[/]

    coldframe export shop.train:model --name churn --labels stays,leaves --features age,orders

    coldframe export train:fit --name iris --labels setosa,versicolor --features length,width --data test.csv
    """
    # onnx, onnxruntime and skl2onnx, which other commands do without
    from models.forge.export.held_out import read_held_out
    from models.forge.export.reference import read_model
    from models.forge.export.version import draft, write
    from models.forge.export.version import export as exported

    manifest = draft(name, version, _parts(features), _parts(labels))
    held_out = read_held_out(data, manifest.feature_names, manifest.labels) if data else None
    made = exported(read_model(reference), manifest, held_out)
    folder = into or Path("build") / name / version
    write(made, folder)
    _show(made, folder)


def _parts(listed: str) -> list[str]:
    return [part.strip() for part in listed.split(",")]


def _show(made: Version, folder: Path) -> None:
    console, manifest = Console(markup=False, highlight=False, soft_wrap=True), made.manifest
    if measured := manifest.metrics["figures"]:
        console.print(figures([Figure(**figure) for figure in measured]))
    console.print(
        f"{manifest.name} {manifest.version}: its probabilities differ from the model's own by at most "
        f"{manifest.parity['max_probability_difference']:.1e}, on {manifest.parity['rows']:,} rows."
    )
    sizes = ", ".join(f"{entry.name} ({entry.size:,} bytes)" for entry in manifest.files)
    console.print(f"Written to {folder}: {sizes}, manifest.json.")
