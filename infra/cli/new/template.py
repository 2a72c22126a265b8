"""What template.yaml says of one model, said of another too: as text, so that comments stay.

A new model has whatever the one that it is like has. Each copied stretch stands behind its original, between
two marks.
"""

import re
from collections.abc import Iterator

LIKE = "sentiment"  # what a model of texts and labels is like
Stretch = list[str]


def add(text: str, name: str, text_max_chars: int | None, like: str = LIKE) -> str:
    """Return the template with `name` beside `like`.

    Texts ten times over `text_max_chars` are stopped there; None leaves all limits as those of `like`.
    """
    lines = text.splitlines(keepends=True)
    added: list[str] = []
    end = 0
    for begin, behind in stretches(lines, like):
        added += lines[end:behind]
        added += _marked(_renamed("".join(lines[begin:behind]), name, text_max_chars, like), name)
        end = behind
    return "".join([*added, *lines[end:]])


def remove(text: str, name: str) -> str:
    """Return the template without what `add` put there, even where it has been changed since."""
    return re.sub(rf"^ *{_begin(name)}\n(?:.*\n)*? *{_end(name)}\n\n?", "", text, flags=re.MULTILINE)


def has(text: str, name: str) -> bool:
    """Say whether `add` put this model there."""
    return name in made(text)


def made(text: str) -> list[str]:
    """The models that `add` put there."""
    return sorted(set(re.findall(rf"^ *{_begin('(.*)')}$", text, flags=re.MULTILINE)))


def stretches(lines: Stretch, name: str) -> Iterator[tuple[int, int]]:
    """Where stretches that speak of a model begin, and the lines behind them.

    A line that names the model has with it what is indented below it, and blank lines.
    """
    names = re.compile(rf"(?<![A-Za-z])({name}(?![a-z0-9])|{name.capitalize()}(?![a-z0-9]))")
    begin = 0
    while begin < len(lines):
        behind = begin + 1
        if names.search(lines[begin]):
            depth = _depth(lines[begin])
            while behind < len(lines) and (
                not lines[behind].strip()
                or _depth(lines[behind]) > depth
                or (_depth(lines[behind]) == depth and names.search(lines[behind]))
            ):
                behind += 1
            yield begin, behind
        begin = behind


def logical_ids(text: str, name: str) -> set[str]:
    """The names of a model's resources and outputs, without the model's own."""
    return set(re.findall(rf"^  {name.capitalize()}(\w+):$", text, flags=re.MULTILINE))


def _renamed(stretch: str, name: str, text_max_chars: int | None, like: str) -> str:
    heading = re.compile(rf"^( *# ---- ){like.capitalize()} (-+)$", re.MULTILINE)
    longer = len(like) - len(name)
    text = heading.sub(
        lambda found: f"{found[1]}{name.capitalize()} {'-' * (len(found[2]) + longer)}", stretch
    )
    text = text.replace(like, name).replace(like.capitalize(), name.capitalize())
    # What `like` defines for all, an anchor without its name, is there already.
    shared = rf"^( *)(.*: )&(?!{name}-dimensions)([\w-]+) .*\n(?:\1 +.*\n)*"
    text = re.sub(shared, r"\1\2*\3\n", text, flags=re.MULTILINE)
    if text_max_chars is None:
        return text
    return re.sub(r"maxLength: \d+", f"maxLength: {10 * text_max_chars}", text)


def _marked(stretch: str, name: str) -> list[str]:
    body = stretch.rstrip("\n")
    indent = " " * _depth(body)
    blank = stretch[len(body) + 1 :]
    return [f"{indent}{_begin(name)}\n{body}\n{indent}{_end(name)}\n{blank}"]


def _begin(name: str) -> str:
    return f"# coldframe new: {name}"


def _end(name: str) -> str:
    return f"# end of {name}"


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
