"""What lists and mappings may hold: checks made of checks."""

from collections.abc import Collection, Mapping
from functools import partial

from models.forge.knowledge.faults import Faults
from models.forge.knowledge.fields import Check, nearest
from models.forge.knowledge.nodes import Items, Keys, Node, Scalar


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
