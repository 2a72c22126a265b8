"""`coldframe keygen`: a key that signs models."""

from pathlib import Path
from typing import Annotated

from rich.console import Console
from typer import Argument

from models.forge.keys import KeyFile, as_parameter


def keygen(file: Annotated[Path, Argument(help="Where to write it.", show_default=False)]) -> None:
    """Make a key on P-256 that signs models, and print its public key for ModelPublicKeys.

    The file is readable by its owner alone, and never overwritten. A key of AWS KMS cannot be copied at all:
    docs/signing.md.

    [bold]Examples[/]

    coldframe keygen model-key.pem
    """
    key = KeyFile.make(file)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print(f"{file} holds a new key, {key.key_id}. Its public key, for ModelPublicKeys:")
    console.print(as_parameter(key))
