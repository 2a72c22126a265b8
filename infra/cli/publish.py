"""`coldframe publish`: a trained model into the store, and live."""

from pathlib import Path
from typing import Annotated

from rich.console import Console
from typer import Option

from coldframe.errors import ColdframeError
from coldframe.manifest import ENCODER
from infra.cli.options import Key, Model, Stack, check_recipe, made_by, signer_of
from infra.cli.place import place
from models.forge.noted import noted
from models.forge.publish import publish as publish_version
from models.forge.version import read_version


def publish(
    name: Model,
    stack: Stack = None,
    version: Annotated[str | None, Option(help="v1.2.3; without it, the one of model.toml.")] = None,
    folder: Annotated[
        Path | None, Option(help="Where training wrote the model; without it, models/NAME.")
    ] = None,
    why: Annotated[str, Option(help="What the history will say of it.")] = "coldframe publish",
    key: Annotated[str | None, Option(help=f"Sign it. {Key}")] = None,
) -> None:
    """Publish a trained model as a new version and make it live.

    A version never changes once it is published: the same bytes again are fine, others need a new version.
    Environments that are warm take it up at their first call after 30 seconds. The local cloud forgets it
    when it ends.

    [bold]Examples[/]

    coldframe publish sentiment

    coldframe publish sentiment --version v1.1.0 --stack coldframe-dev --why "retrained on May's reviews"
    """
    check_recipe(name)
    try:
        made = read_version(name, folder, version)
    except FileNotFoundError as error:
        raise ColdframeError(f"{error.filename} is missing: make {name} first ({made_by(name)}).") from error
    where = place(stack)
    signer = signer_of(key, where) if key else None
    note = noted(why)
    target = publish_version(where.store(), made.manifest, made.files, note, where.environment, signer)
    state = "there, to be borrowed" if made.manifest.kind == ENCODER else "live"
    Console(highlight=False).print(
        f"{name} {target.version} is {state} in {where.stack} ({where.bucket}); "
        f"manifest SHA-256 {target.manifest_sha256[:12]}…"
    )
