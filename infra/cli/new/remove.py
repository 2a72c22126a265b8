"""`coldframe remove`: a model that `coldframe new` or `coldframe kb build` made, without a trace."""

from pathlib import Path
from typing import Annotated

from rich.console import Console
from typer import Argument, Exit, Option, confirm

from coldframe.errors import ColdframeError
from infra.cli.new import template
from infra.cli.new.names import places
from infra.cli.new.placing import TEMPLATE, clear, write_template
from infra.cli.new.project import ROOT


def remove(
    name: Annotated[str, Argument(help="The model's name, as in models/NAME.", show_default=False)],
    yes: Annotated[bool, Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a model that coldframe new or kb build made, with everything in its folders; asks first.

    What is deployed or published on AWS stays until the next make deploy; the versions in the bucket stay
    altogether.

    [bold]Examples[/]

    coldframe remove complaints

    coldframe remove complaints --yes
    """
    text = (ROOT / TEMPLATE).read_bytes().decode()
    if not template.has(text, name):
        raise ColdframeError(
            f"{TEMPLATE} has no model {name} that `coldframe new` made, or `coldframe kb build`; there is"
            f" {_removable(text)}."
        )
    there = [place for place in places(name) if (ROOT / place).exists()]
    console = Console(markup=False, highlight=False, soft_wrap=True)
    for place in there:
        console.print(f"{place}{_contents(ROOT / place)}")
    console.print(f"{TEMPLATE}: {text.count(chr(10)) - template.remove(text, name).count(chr(10))} lines")
    if not yes and not confirm("Remove all of it?"):
        raise Exit(1)
    for place in there:
        clear(ROOT / place)
    write_template(ROOT, template.remove(text, name).encode())  # last: until then it can be asked again
    console.print(f"Removed {name}.")


def _removable(text: str) -> str:
    return ", ".join(template.made(text)) or "none"


def _contents(path: Path) -> str:
    if not path.is_dir():
        return ""
    files = sum(one.is_file() for one in path.rglob("*") if "__pycache__" not in one.parts)
    return f"/ ({files} files)"
