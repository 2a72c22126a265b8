"""`coldframe gate`: a quantized artifact against its float parent, and which of the two ships."""

from pathlib import Path
from typing import Annotated

from rich.console import Console
from rich.table import Table
from typer import Argument, Exit, Option

from coldframe.errors import ColdframeError
from infra.cli.train import step_bars
from models.forge.gate.report import PICTURE, Gate, write_gate
from models.forge.gate.report import gate as judged
from models.forge.gate.rule import Check, checks
from models.forge.version import MODELS

Folder = Annotated[Path, Argument(help="Where the two graphs and their tokenizer are.")]
Into = Annotated[Path, Option(help="Folder for gate.json and gate.svg.", show_default="models/encoder")]


def gate(folder: Folder = Path("build/encoder"), into: Into = MODELS / "encoder") -> None:
    """Measure the encoder in INT8 against its float parent: SAFE or UNSAFE, by rule.

    Measures agreement on texts of the service desk, a classifier's accuracy, whether company changes an
    answer, latency, size and memory: half a minute, on a machine that does nothing else. What ships is the
    INT8 file when it is SAFE, otherwise the float one. Ends with exit code 1 when it is UNSAFE.

    [bold]Examples[/]

    coldframe gate

    coldframe gate build/encoder --into build/gate
    """
    from models.encoder import gated  # onnxruntime and matplotlib, which other commands do without
    from models.forge.gate.measure import measure
    from models.forge.gate.picture import draw

    console = Console(markup=False, emoji=False, highlight=False)
    try:
        subject = gated.subject(folder, gated.read_texts(gated.KNOWLEDGE, gated.EVERY))
    except FileNotFoundError as error:
        raise ColdframeError(
            f"{error.filename} is missing: build the encoder with python -m models.encoder.recipe."
        ) from error
    with step_bars(console) as progress:
        measured = measure(subject, progress)
    found = judged(subject.parent, subject.quantized, measured.figures)
    show(console, found)
    into.mkdir(parents=True, exist_ok=True)
    picture = into / PICTURE
    picture.write_bytes(draw(found, measured.cosines))
    console.print(f"Written: {write_gate(into, found)}\nWritten: {picture}", soft_wrap=True)
    if not found.safe:
        raise Exit(1)


def show(console: Console, found: Gate) -> None:
    """Say what was measured, line by line, then the verdict with its reasons, and what ships."""
    figures = found.figures
    table = Table("", title=f"{found.quantized.file}, {figures.inputs_count:,} inputs, {found.cpu}")
    for heading in ("float", "INT8", "ratio or difference", "limit", "verdict"):
        table.add_column(heading, justify="right")
    for check in checks(figures):
        table.add_row(*_line(check))
    for name, pair in (("opening, ms", figures.open_ms), ("peak memory, MB", figures.peak_memory_mb)):
        table.add_row(name, *map(_number, (pair.parent, pair.quantized, pair.ratio)))
    console.print(table)
    console.print(found.verdict, style="bold green" if found.safe else "bold red")
    for reason in found.reasons:
        console.print(f"  {reason}", soft_wrap=True)
    console.print(f"What ships: {found.ships}", soft_wrap=True)


def _line(check: Check) -> tuple[str, ...]:
    pair = check.pair
    both = (_number(pair.parent), _number(pair.quantized)) if pair else ("", _number(check.value))
    beside = _number(check.value) if pair else ""
    return (check.name, *both, beside, check.limit, "kept" if check.kept else "BROKEN")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3f}"
