"""The options that several commands take."""

from typing import Annotated

from typer import Argument, Option

Model = Annotated[str, Argument(help="The model's name, as in models/NAME.", show_default=False)]
Stack = Annotated[
    str | None, Option(help="A stack on AWS, such as coldframe-dev; without it, the local cloud.")
]
