"""`coldframe batch`: a CSV into the inbox; its result, its rejects and its report back."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option

from coldframe.errors import ColdframeError
from infra.cli.batch.file import Scoring
from infra.cli.batch.model import published_model
from infra.cli.batch.watch import Watch
from infra.cli.options import Stack
from infra.cli.place import place


def batch(
    file: Annotated[Path | None, Argument(metavar="FILE", help="A CSV; gzip is fine too.")] = None,
    model: Annotated[str | None, Option(help="A published model; without it, the only one there is.")] = None,
    column: Annotated[str | None, Option(help="The column to score; without it, text.")] = None,
    into: Annotated[Path | None, Option(help="Folder for what comes back; without it, FILE's.")] = None,
    watch: Annotated[
        Path | None,
        Option(help="Score what is dropped into this folder; results go to scored/ in it."),
    ] = None,
    stack: Stack = None,
) -> None:
    """Score every row of a CSV, and bring back the result and the rows that could not be scored.

    NAME.ID.csv is the file with columns added; NAME.ID.rejected.csv has the other
    rows, with a reason each. Exits with 1 when the file cannot be scored at all.
    Ctrl-C ends only the waiting; coldframe fetch takes it up again.

    --watch scores a file once its size and time have stood still for a second;
    folders, and files that are hidden, empty or temporary, are left alone. What
    is done is kept in scored/.done.json: a file is scored again when its size or
    time changes, or when that list is deleted.

    [bold]Examples[/]

    coldframe batch reviews.csv --model sentiment

    coldframe batch survey.csv --column コメント --into results --stack coldframe-dev

    coldframe batch --watch ~/to-score --model sentiment
    """
    if (file is None) == (watch is None):
        raise ColdframeError("Name one FILE to score, or one folder with --watch.")
    if watch is not None and into is not None:
        raise ColdframeError("--into goes with a FILE: what --watch scores comes to the folder scored in it.")
    if file is not None:
        _check(file)
    where = place(stack)
    scoring = Scoring(where, published_model(where.store(), model, where.environment), column)
    if watch is not None:
        Watch(scoring, watch).run()
    elif file is not None and not scoring.score(file, into or file.parent):
        raise Exit(1)


def _check(file: Path) -> None:
    if file.is_dir():
        raise ColdframeError(f"{file} is a folder: name a file in it, or use --watch {file}")
    if not file.exists():
        raise ColdframeError(f"There is no file {file}.")
    if not file.is_file():
        raise ColdframeError(f"{file} is not a regular file: write what it gives to one first.")
