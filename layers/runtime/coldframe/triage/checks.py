"""What the fields of a part may hold: the types that they are declared with, and names that are known.

A document that passes fails no request: all that is looked up later is there, and all of it can be written.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any


def check_types(part: Any) -> None:
    """Raise ValueError where a dataclass's text, number or list of texts has another type than declared."""
    for name, fits in _checks(part.__class__):
        value = getattr(part, name)
        if not fits(value):
            raise ValueError(f"{type(part).__name__.lower()}.{name} is {value!r:.80}")


def check_known(names: Iterable[str], known: Collection[str], what: str) -> None:
    """Raise ValueError with the first of the names that is not known."""
    for name in names:
        if name not in known:
            raise ValueError(f"{what} {name!r} is none of {', '.join(list(known)[:12])}")


def listed(values: object) -> tuple[Any, ...]:
    """Make a tuple of a list. Raises TypeError for anything else: a string is no list of its letters."""
    if not isinstance(values, list | tuple):
        raise TypeError(f"{values!r:.80} is no list")
    return tuple(values)


@cache
def _checks(kind: type) -> list[tuple[str, Callable[[Any], bool]]]:
    """The fields with their checks; what is a part of its own has none here."""
    return [(field.name, _OF_TYPE[field.type]) for field in fields(kind) if field.type in _OF_TYPE]


def _are_texts(values: Iterable[object]) -> bool:
    """Whether they can be written: half of a surrogate pair has no UTF-8."""
    try:
        "".join(values).encode()  # type: ignore[arg-type]
    except (TypeError, UnicodeEncodeError):
        return False
    return True


def _is_text(value: object) -> bool:
    return _are_texts((value,))


def _is_whole(value: object) -> bool:
    return type(value) is int


def _are_numbers(values: object) -> bool:
    return (
        isinstance(values, dict)
        and _are_texts(values)
        and all(type(value) in (int, float) and math.isfinite(value) for value in values.values())
    )


_OF_TYPE: Mapping[Any, Callable[[Any], bool]] = {
    str: _is_text,
    int: _is_whole,
    tuple[str, ...]: _are_texts,
    Mapping[str, float]: _are_numbers,
}
