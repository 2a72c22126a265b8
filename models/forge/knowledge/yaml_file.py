"""Read YAML event by event: no alias, no tag, no depth can make it large, slow or anything but data."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from models.forge.knowledge.faults import Faults
from models.forge.knowledge.nodes import NOTHING, NUMBER, TEXT, Items, Keys, Node, Scalar

DEPTH_MAX_COUNT = 8  # a knowledge base has four
VALUES_MAX_COUNT = 500_000  # the largest that the form allows has 270,000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # without libyaml it is slower
_TAB = re.compile(r"^ *\t[^\n]*[^\s#]", re.MULTILINE)
_KINDS = {
    "str": TEXT,
    "int": NUMBER,
    "float": NUMBER,
    "bool": "true or false",
    "null": NOTHING,
    "timestamp": "a date",
}


def parse_yaml(text: str, faults: Faults) -> Node:
    """Return what the text says. Raises `UnusableKnowledge` when it is not YAML, or more than plain data."""
    faults.refuse_controls(text, 1)
    loader = _LOADER(text)
    try:
        return _Events(loader, faults).root()
    except yaml.YAMLError as error:
        raise _not_yaml(error, text, faults) from error
    finally:
        loader.dispose()


class _Events:
    def __init__(self, loader: Any, faults: Faults) -> None:
        self._loader, self._faults, self._count = loader, faults, 0

    def root(self) -> Node:
        self._next()  # the stream's start
        if isinstance(self._next(), yaml.StreamEndEvent):
            raise self._faults.refusal(1, "file", "it is empty", "write title, categories and problems")
        root = self._node(self._next(), 0)
        self._next()  # the document's end
        if not isinstance(more := self._next(), yaml.StreamEndEvent):
            raise self._faults.refusal(_line(more), "---", "a second document begins", "leave one of them")
        return root

    def _next(self) -> Any:
        return self._loader.get_event()

    def _node(self, event: Any, depth: int) -> Node:
        line = _line(event)
        self._count += 1
        if self._count > VALUES_MAX_COUNT:
            wrong = f"it has more than {VALUES_MAX_COUNT:,} keys and values"
            raise self._faults.refusal(line, "file", wrong, "leave phrasings out")
        if isinstance(event, yaml.AliasEvent):
            raise self._faults.refusal(line, f"*{event.anchor}", "aliases are not read", "write it out")
        if event.tag is not None:
            raise self._faults.refusal(line, "tag", f"{event.tag!r} is not read", "leave it out")
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(line, event.value, self._kind(event))
        if depth == DEPTH_MAX_COUNT:
            wrong = f"it is nested more than {DEPTH_MAX_COUNT} deep"
            raise self._faults.refusal(line, "file", wrong, "see docs/knowledge.md for its form")
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(line, [self._node(one, depth + 1) for one in self._until(yaml.SequenceEndEvent)])
        return self._keys(line, depth)

    def _keys(self, line: int, depth: int) -> Keys:
        keys = Keys(line)
        for event in self._until(yaml.MappingEndEvent):
            key, value = self._node(event, depth + 1), self._node(self._next(), depth + 1)
            if not isinstance(key, Scalar) or key.kind != TEXT:
                self._faults.add(key.line, "key", "it is not text", "put it in quotes")
            elif key.text in keys.items:
                wrong = f"it stands on line {keys.lines[key.text]:,} already"
                self._faults.add(key.line, key.text, wrong, "leave one of them")
            else:
                keys.items[key.text], keys.lines[key.text] = value, key.line
        return keys

    def _until(self, end: type) -> Iterator[Any]:
        while not isinstance(event := self._next(), end):
            yield event

    def _kind(self, event: Any) -> str:
        tag = self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        return _KINDS.get(tag.rpartition(":")[2], "a sign of YAML's own")


def _not_yaml(error: yaml.YAMLError, text: str, faults: Faults) -> Exception:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else 1
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    if any(text.count("\n", 0, found.start()) + 1 == line for found in _TAB.finditer(text)):
        return faults.refusal(line, "file", "it is indented by a tab", "indent it by blanks")
    fix = "put texts with a colon, a # or a leading sign in quotes, and indent alike what belongs together"
    return faults.refusal(line, "file", f"it is not YAML ({problem})", fix)


def _line(event: Any) -> int:
    line: int = event.start_mark.line + 1
    return line
