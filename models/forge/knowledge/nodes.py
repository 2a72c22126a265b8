"""The parts of a file of keys, lists and texts, each with the line, from 1, on which it begins."""

from dataclasses import dataclass, field
from typing import TypeAlias

TEXT, NUMBER, NOTHING = "text", "a number", "nothing"


@dataclass(frozen=True)
class Scalar:
    """One value as it is written; `kind` says in words what YAML reads it as."""

    line: int
    text: str
    kind: str = TEXT


@dataclass(frozen=True)
class Items:
    """A list."""

    line: int
    items: list["Node"] = field(default_factory=list)


@dataclass(frozen=True)
class Keys:
    """A mapping; `lines` are those of the keys."""

    line: int
    items: dict[str, "Node"] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def put(self, key: str, node: "Node") -> None:
        """Set a key that stands where its value does."""
        self.items[key] = node
        self.lines[key] = node.line

    def texts(self, key: str) -> list[Scalar]:
        """The texts under a key, one or a list; [] where there is something else."""
        node = self.items.get(key)
        if isinstance(node, Items):
            return [item for item in node.items if isinstance(item, Scalar)]
        return [node] if isinstance(node, Scalar) else []

    def mappings(self, key: str) -> list["Keys"]:
        """The mappings in the list under a key; [] where there is something else."""
        node = self.items.get(key)
        return [item for item in node.items if isinstance(item, Keys)] if isinstance(node, Items) else []


Node: TypeAlias = Scalar | Items | Keys
