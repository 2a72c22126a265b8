"""What one value may be: each function here gives a check that notes what is wrong with a node."""

import difflib
import re
from collections.abc import Callable, Collection
from typing import TypeAlias

from models.forge.knowledge.faults import Faults
from models.forge.knowledge.nodes import NOTHING, TEXT, Items, Node, Scalar

Check: TypeAlias = Callable[[Node, str, Faults], object]
_UNREADABLE = re.compile("[\0\ud800-\udfff]")
_NUMBER = re.compile(r"\+?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")  # float takes 1_0 too
_DIGITS_MAX_COUNT = 9
_COMPARED_MAX_CHARS = 200  # of names, for one that is near


def text(max_chars: int, *, one_line: bool = False) -> Check:
    """A text of 1 to `max_chars` characters, not blank, without U+0000."""

    def check(node: Node, field: str, faults: Faults) -> None:
        if not isinstance(node, Scalar):
            form = "a list" if isinstance(node, Items) else "a key with a value"
            faults.add(
                node.line, field, f"it is read as {form}", "write one text, in quotes if it has a colon"
            )
        elif node.kind == NOTHING or not node.text.strip():
            faults.add(node.line, field, "it is empty", "write a text, or leave it out")
        elif node.kind != TEXT:
            faults.add(node.line, field, f"{node.text} is read as {node.kind}", "put it in quotes")
        elif _UNREADABLE.search(node.text):
            faults.add(node.line, field, "it has U+0000 or half a character", "delete that")
        elif len(node.text) > max_chars:
            wrong = f"it has {len(node.text):,} characters"
            faults.add(node.line, field, wrong, f"shorten it to {max_chars:,}")
        elif one_line and not node.text.strip().isprintable():
            faults.add(node.line, field, "it has a line break or a control character", "write it in one line")

    return check


def whole(least: int, most: int) -> Check:
    """A whole number from `least` to `most`."""

    def check(node: Node, field: str, faults: Faults) -> None:
        number = whole_number(node)
        if number is None or not least <= number <= most:
            wrong = f"{shown(node)} is not a whole number from {least:,} to {most:,}"
            faults.add(node.line, field, wrong, "write such a number")

    return check


def whole_number(node: Node | None) -> int | None:
    """The whole number that a node is, or None."""
    if isinstance(node, Scalar) and re.fullmatch(rf"[+-]?[0-9]{{1,{_DIGITS_MAX_COUNT}}}", node.text.strip()):
        return int(node.text)
    return None


def share(node: Node, field: str, faults: Faults) -> None:
    """A number above 0, and at most 1."""
    if (
        not isinstance(node, Scalar)
        or not _NUMBER.fullmatch(node.text.strip())
        or not 0 < float(node.text) <= 1
    ):
        faults.add(
            node.line, field, f"{shown(node)} is not a number between 0 and 1", "write one such as 0.3"
        )


def one_of(names: Collection[str]) -> Check:
    """One of some names."""

    def check(node: Node, field: str, faults: Faults) -> None:
        if not isinstance(node, Scalar) or node.text.strip() not in names:
            faults.add(node.line, field, f"{shown(node)} is unknown", f"write one of {', '.join(names)}")

    return check


def nearest(name: str, known: Collection[str]) -> str:
    """What to do about an unknown name."""
    comparable = [one for one in known if len(one) <= _COMPARED_MAX_CHARS]
    near = difflib.get_close_matches(name[:_COMPARED_MAX_CHARS], comparable, n=1)
    return f"did you mean {near[0]}?" if near else f"there is {_few(list(known))}"


def _few(names: list[str]) -> str:
    return ", ".join(names[:12]) + (" …" if len(names) > 12 else "")


def shown(node: Node) -> str:
    """A few characters that tell what stands there."""
    if isinstance(node, Scalar):
        return repr(node.text if len(node.text) <= 40 else node.text[:40] + "…")
    return "a list" if isinstance(node, Items) else "a mapping"
