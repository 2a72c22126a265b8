"""Which names a new model may have."""

import keyword
import re
from pathlib import Path

from coldframe.errors import ColdframeError
from infra.cli.new import template

_NAME = re.compile(r"[a-z][a-z0-9]{0,29}")
_TITLE = re.compile(r'[^"\\\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,60}')


def places(name: str) -> tuple[str, ...]:
    """Where the files of a model stand, from the project's folder."""
    return (f"functions/{name}", f"models/{name}", f"docs/openapi/{name}.json")


def check_name(name: str, root: Path, text: str, like: str = template.LIKE) -> None:
    """Raise `ColdframeError` unless the project at `root`, with this template, has room for the name.

    `like` is the model that its part of the template is copied from.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ColdframeError(
            f"{name!r} cannot be a name: take a lower-case letter and up to 29 lower-case letters and digits,"
            " no word of Python's. It becomes a module of Python's and resources of CloudFormation's, and"
            " what the one takes between two words, the other does not."
        )
    for place in places(name):
        if (root / place).exists() or template.has(text, name):
            raise ColdframeError(
                f"There is {place} already: take another name, or run `coldframe remove {name}` first"
                " if `coldframe new` or `coldframe kb build` made it."
            )
    if re.search(rf"^ +Path: /{name}(/|$)", text, re.MULTILINE):
        raise ColdframeError(f"template.yaml has routes below /{name} already: take another name.")
    for suffix in sorted(template.logical_ids(text, like) & template.logical_ids(text, name)):
        raise ColdframeError(
            f"template.yaml has {name.capitalize()}{suffix} already, which is no model's: take another name."
        )


def check_title(title: str) -> None:
    """Raise `ColdframeError` unless the title can stand in code and in a card."""
    if not _TITLE.fullmatch(title) or title != title.strip():
        raise ColdframeError(
            f"The title {title!r} cannot be used: take 1 to 60 characters in one line, without quotation"
            " marks and backslashes."
        )
