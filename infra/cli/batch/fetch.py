"""`coldframe fetch`: what comes of a file that was dropped before."""

from pathlib import Path, PurePosixPath
from typing import Annotated

from typer import Argument, Exit, Option

from coldframe.batch.bucket import Bucket
from coldframe.batch.drop import Drop
from coldframe.errors import ColdframeError
from infra.cli.batch.file import bring_back
from infra.cli.options import Stack
from infra.cli.place import INBOX_BUCKET, place


def fetch(
    key: Annotated[str, Argument(metavar="KEY", help="The file in the inbox: MODEL/NAME.csv.")],
    into: Annotated[Path, Option(help="Folder for what comes back; without it, this one.")] = Path(),
    stack: Stack = None,
) -> None:
    """Wait for a file in the inbox, and bring back its result and the rows that could not be scored.

    Of a file that was dropped twice, the later one. Exits with 1 when the file
    cannot be scored at all.

    [bold]Examples[/]

    coldframe fetch sentiment/reviews.csv

    coldframe fetch 'sentiment/survey.csv?column=body' --into results --stack coldframe-dev
    """
    where = place(stack)
    inbox = where.output(INBOX_BUCKET)
    key = key.removeprefix(f"s3://{inbox}/")
    latest = Bucket(where.client("s3"), inbox).latest(key)
    if latest is None:
        raise ColdframeError(
            f"There is no s3://{inbox}/{key}: see what lies there with aws s3 ls, or drop it."
        )
    into.mkdir(parents=True, exist_ok=True)
    if not bring_back(where, Drop(inbox, key, *latest), PurePosixPath(key).name, into):
        raise Exit(1)
