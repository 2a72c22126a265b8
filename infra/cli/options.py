"""The options that several commands take."""

from typing import Annotated

from typer import Argument, Option

from coldframe.errors import ColdframeError
from models.forge.version import names

Model = Annotated[str, Argument(help="The model's name, as in models/NAME.", show_default=False)]
Stack = Annotated[
    str | None, Option(help="A stack on AWS, such as coldframe-dev; without it, the local cloud.")
]


def check_recipe(name: str) -> None:
    """Raise `ColdframeError`, naming what there is, unless models/`name` is a model here."""
    if name not in names():
        raise ColdframeError(f"There is no model {name} here; there is {', '.join(names())}.")
