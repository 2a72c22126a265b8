"""`coldframe publish`: a version into the store; a model's first one is live at once."""

from pathlib import Path
from typing import Annotated

from rich.console import Console
from typer import Argument, Option

from coldframe.errors import ColdframeError
from coldframe.manifest import ENCODER, MANIFEST
from coldframe.store import Store
from infra.cli.options import Environment, Key, Stack, check_recipe, made_by, signer_of
from infra.cli.place import Place, place
from infra.cli.registry.words import typed
from models.forge.catalog import aliases_or_none
from models.forge.folder_version import Folder, read_folder
from models.forge.noted import noted
from models.forge.publish import publish as publish_version
from models.forge.version import Version, names, read_version

Subject = Annotated[
    str,
    Argument(
        metavar="NAME|FOLDER",
        help="A model of models/NAME, or a folder with a manifest.json.",
        show_default=False,
    ),
]


def publish(
    name: Subject,
    stack: Stack = None,
    version: Annotated[str | None, Option(help="v1.2.3; without it, the one of model.toml.")] = None,
    folder: Annotated[
        Path | None, Option(help="Where training wrote the model; without it, models/NAME.")
    ] = None,
    why: Annotated[str, Option(help="What the history will say of it.")] = "coldframe publish",
    key: Annotated[str | None, Option(help=f"Sign it. {Key}")] = None,
    environment: Environment = None,
) -> None:
    """Publish a version of a model; the first one is live at once, later ones once you promote them.

    A version never changes once it is published: the same bytes again are fine, others need a new version.
    The local cloud forgets it when it ends.

    [bold]Examples[/]

    coldframe publish sentiment

    coldframe publish sentiment --version v1.1.0 --stack coldframe-dev --why "retrained on May's reviews"

    coldframe publish build/iris-v1.0.0
    """
    given = _from_folder(Path(name), version, folder) if _is_folder(name) else _made(name, folder, version)
    made, where = given.version, place(stack)
    store, live_in = where.store(), environment or where.environment
    signer = signer_of(key, where) if key else None
    publish_version(store, made.manifest, made.files, noted(why), live_in, signer, given.signature)
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in _said(store, where, made, live_in):
        console.print(line)


def _is_folder(name: str) -> bool:
    return "/" in name or (name not in names() and (Path(name) / MANIFEST).is_file())


def _from_folder(folder: Path, version: str | None, trained: Path | None) -> Folder:
    if version or trained:
        raise ColdframeError(f"{folder / MANIFEST} says name and version: leave out --version and --folder.")
    return read_folder(folder)


def _made(name: str, folder: Path | None, version: str | None) -> Folder:
    check_recipe(name)
    try:
        return Folder(read_version(name, folder, version), signature=None)
    except FileNotFoundError as error:
        raise ColdframeError(f"{error.filename} is missing: make {name} first ({made_by(name)}).") from error


def _said(store: Store, where: Place, made: Version, environment: str) -> list[str]:
    """Say what the version is by now, and what to type to make it live."""
    name, version = made.manifest.name, made.manifest.version
    at = f"{where.stack} ({where.bucket})"
    if made.manifest.kind == ENCODER:
        return [f"{name} {version} is there, to be borrowed, in {at}."]
    champion = aliases_or_none(store, name).champion(environment)
    if champion is None or champion.version == version:
        return [f"{name} {version} is live in {at}: the champion of {environment}."]
    return [
        f"{name} {version} is published in {at}, and not live: {environment} stays at {champion.version}.",
        f"To make it live:  {typed(where, 'promote', name, version, environment=environment)}",
        f"To try it on 5%:  {typed(where, 'canary', name, version, environment=environment)}",
    ]
