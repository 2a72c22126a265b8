"""`coldframe package` and `coldframe unpack`: a published version as one file, and back."""

from pathlib import Path
from typing import Annotated

from rich.console import Console
from typer import Argument, Option

from coldframe.manifest import SIGNATURE
from infra.cli.options import Stack
from infra.cli.place import place
from models.forge.package import package as write_package
from models.forge.unpack import unpack as unpack_into


def package(
    name: Annotated[str, Argument(help="The model's name.", show_default=False)],
    version: Annotated[str, Argument(help="v1.2.3.", show_default=False)],
    into: Annotated[
        Path | None, Option(help="The file to write; without it, NAME-VERSION.tar.gz here.")
    ] = None,
    stack: Stack = None,
) -> None:
    """Write a published version to one file, with its signature and the files that it borrows.

    The same version gives the same bytes, on every machine. Others unpack it with coldframe unpack.

    [bold]Examples[/]

    coldframe package sentiment v1.0.0

    coldframe package tickets v1.0.0 --stack coldframe-prod --into tickets.tar.gz
    """
    file = into or Path(f"{name}-{version}.tar.gz")
    size = write_package(place(stack).store(), name, version, file)
    _say(f"{name} {version} is packaged in {file}: {size:,} bytes.")


def unpack(
    file: Annotated[Path, Argument(help="What package wrote.", show_default=False)],
    into: Annotated[
        Path | None, Option(help="The new folder to make; without it, the file's name without .tar.gz.")
    ] = None,
) -> None:
    """Unpack a version into a new folder: all of it, every byte checked, or nothing.

    That its files are those of its manifest says nothing of who made them: only a signature does.

    [bold]Examples[/]

    coldframe unpack sentiment-v1.0.0.tar.gz
    """
    folder = into or Path(file.name.removesuffix(".gz").removesuffix(".tar").removesuffix(".tgz"))
    manifest = unpack_into(file, folder)
    signed = "with a signature" if (folder / SIGNATURE).exists() else "not signed"
    _say(f"{manifest.name} {manifest.version} is in {folder}, {signed}.")


def _say(line: str) -> None:
    Console(soft_wrap=True, highlight=False, markup=False).print(line)
