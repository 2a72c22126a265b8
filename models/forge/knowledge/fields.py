"""What a field may hold: each function here gives a check that notes what is wrong with a node."""

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TypeAlias

from models.forge.knowledge.faults import Faults
from models.forge.knowledge.nodes import NOTHING, TEXT, Items, Keys, Node, Scalar

Check: TypeAlias = Callable[[Node, str, Faults], object]
_UNREADABLE = re.compile("[\0\ud800-\udfff]")
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
            wrong = f"{_shown(node)} is not a whole number from {least:,} to {most:,}"
            faults.add(node.line, field, wrong, "write such a number")

    return check


def whole_number(node: Node | None) -> int | None:
    """The whole number that a node is, or None."""
    if isinstance(node, Scalar) and re.fullmatch(rf"[+-]?[0-9]{{1,{_DIGITS_MAX_COUNT}}}", node.text.strip()):
        return int(node.text)
    return None


def share(node: Node, field: str, faults: Faults) -> None:
    """A number above 0, and at most 1."""
    try:
        inside = isinstance(node, Scalar) and 0 < float(node.text) <= 1
    except ValueError:
        inside = False
    if not inside:
        faults.add(
            node.line, field, f"{_shown(node)} is not a number between 0 and 1", "write one such as 0.3"
        )


def one_of(names: Collection[str]) -> Check:
    """One of some names."""

    def check(node: Node, field: str, faults: Faults) -> None:
        if not isinstance(node, Scalar) or node.text.strip() not in names:
            faults.add(node.line, field, f"{_shown(node)} is unknown", f"write one of {', '.join(names)}")

    return check


def items(of: Check, least: int, most: int) -> Check:
    """A list of `least` to `most` items, each of which passes the check."""

    def check(node: Node, field: str, faults: Faults) -> None:
        if not isinstance(node, Items):
            faults.add(node.line, field, "it is not a list", "begin each item on a line of its own with '- '")
            return
        if not least <= len(node.items) <= most:
            wrong = f"there are {len(node.items):,}"
            faults.add(node.line, field, wrong, f"{least:,} to {most:,} are possible")
        for item in node.items[:most]:
            of(item, field, faults)

    return check


def words(word: Check, value: Check, most: int) -> Check:
    """A mapping of at most `most` words to a value each."""

    def check(node: Node, field: str, faults: Faults) -> None:
        if not isinstance(node, Keys):
            faults.add(node.line, field, "it has no keys", "write lines such as 'urgent: 0.3'")
            return
        if len(node.items) > most:
            faults.add(node.line, field, f"there are {len(node.items):,}", f"at most {most:,} are possible")
        for key, item in node.items.items():
            word(Scalar(node.lines[key], key), field, faults)
            value(item, f"{field}.{key}", faults)

    return check


def keys(known: Mapping[str, Check], required: Collection[str] = ()) -> Check:
    """A mapping with some of these keys and no others."""

    def check(node: Node, field: str, faults: Faults) -> None:
        name = field or "file"
        if not isinstance(node, Keys):
            faults.add(node.line, name, "it has no keys", f"write keys such as {next(iter(known))}: …")
            return
        for key in required:
            if key not in node.items:
                faults.add(node.line, f"{field}.{key}".lstrip("."), "it is missing", "add it")
        for key, item in node.items.items():
            there = f"{field}.{key}".lstrip(".")
            if key in known:
                known[key](item, there, faults)
            else:
                faults.add(node.lines[key], there, "the key is unknown", partial(nearest, key, known))

    return check


def nearest(name: str, known: Collection[str]) -> str:
    """What to do about an unknown name."""
    comparable = [one for one in known if len(one) <= _COMPARED_MAX_CHARS]
    near = difflib.get_close_matches(name[:_COMPARED_MAX_CHARS], comparable, n=1)
    return f"did you mean {near[0]}?" if near else f"there is {_few(list(known))}"


def _few(names: list[str]) -> str:
    return ", ".join(names[:12]) + (" …" if len(names) > 12 else "")


def _shown(node: Node) -> str:
    if isinstance(node, Scalar):
        return repr(node.text if len(node.text) <= 40 else node.text[:40] + "…")
    return "a list" if isinstance(node, Items) else "a mapping"
