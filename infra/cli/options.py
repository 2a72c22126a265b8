"""The options that several commands take."""

from enum import StrEnum
from typing import Annotated

from typer import Argument, Option

from coldframe.changes import PRODUCTION, STAGING
from coldframe.errors import ColdframeError
from coldframe.manifest import ENCODER, KNOWLEDGE, LINEAR_TEXT
from infra.cli.place import Place
from models.forge.keys import Signer, open_key
from models.forge.version import kind, names

Model = Annotated[str, Argument(help="The model's name, as in models/NAME.", show_default=False)]
Stack = Annotated[
    str | None, Option(help="A stack on AWS, such as coldframe-dev; without it, the local cloud.")
]
Key = "A key file, as keygen makes one, or a key of AWS KMS by its ARN or alias/NAME."
Published = Annotated[str, Argument(help="The name of a published model.", show_default=False)]
Version = Annotated[str, Argument(help="As in v1.2.3.", show_default=False)]


class Environments(StrEnum):
    """What an alias belongs to; `coldframe.changes` has the meaning."""

    PRODUCTION = PRODUCTION
    STAGING = STAGING


Environment = Annotated[
    Environments | None, Option(help="Whose champion and challenger; without it, the stack's own.")
]

_MADE_BY = {
    LINEAR_TEXT: "coldframe train",
    KNOWLEDGE: "make run or coldframe kb build",
    ENCODER: "make run",
}


def check_recipe(name: str) -> None:
    """Raise `ColdframeError`, naming what there is, unless models/`name` is a model here."""
    if name not in names():
        raise ColdframeError(f"There is no model {name} here; there is {', '.join(names())}.")


def check_trained(name: str) -> None:
    """The same unless it is a model that is trained on rows."""
    check_recipe(name)
    if kind(name) != LINEAR_TEXT:
        raise ColdframeError(f"{name} is not trained on rows: {made_by(name)} makes it.")


def made_by(name: str) -> str:
    """Return the command that makes a model here."""
    return _MADE_BY[kind(name)]


def signer_of(key: str, where: Place) -> Signer:
    """Return the key that the option names. Raises `UnusableKey`, and botocore's errors."""
    return open_key(key, lambda: where.client("kms"))
