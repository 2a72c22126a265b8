"""Which log lines a subscription filter lets through.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

TERM = r'\$\.[A-Za-z_][A-Za-z0-9_]*\s*=\s*(?:\*|"\*"|"[^"*\\]*")'
BRACKETED = rf"(?:{TERM}|\(\s*{TERM}\s*\))"
SERVED = re.compile(rf"\{{\s*{BRACKETED}(?:\s*&&\s*{BRACKETED})*\s*\}}")
PARTS = re.compile(r'\$\.(\w+)\s*=\s*(\*|"[^"]*")', re.ASCII)


class PatternNotServed(ValueError):
    """Raise when a pattern is none of those that the local cloud knows."""


@dataclass(frozen=True)
class FilterPattern:
    """Fields of a JSON object, each with the text that it must be; None where any value will do.

    Without fields every line matches, JSON or not.
    """

    fields: tuple[tuple[str, str | None], ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `{ ($.a = "text") && ($.b = *) }`, with or without parentheses, or nothing.

        Raises PatternNotServed for all else, though CloudWatch may know it.
        """
        text = text.strip()
        if text and not SERVED.fullmatch(text):
            raise PatternNotServed(text)
        return cls(tuple((name, _wanted(value)) for name, value in PARTS.findall(text)))

    def matches(self, line: str) -> bool:
        """Say whether a line goes through. null is no value here; how CloudWatch takes it is unchecked."""
        if not self.fields:
            return True
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            return False
        return isinstance(document, dict) and all(_holds(document, *field) for field in self.fields)


def _wanted(value: str) -> str | None:
    text = value.strip('"')
    return None if text == "*" else text


def _holds(document: Mapping[str, Any], name: str, wanted: str | None) -> bool:
    value = document.get(name)
    return value is not None if wanted is None else value == wanted
