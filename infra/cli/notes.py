"""What a command says on the way, on standard error: lines and bars; and others' texts made fit to print."""

import re

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # and surrogates: bytes that are not UTF-8


def printable(text: str) -> str:
    """Return the text with control characters as escapes: they would steer the terminal."""
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def note(line: str, console: Console | None = None) -> None:
    """Say one line, unbroken however long; on the console of a bar where there is one."""
    (console or _console()).print(printable(line), soft_wrap=True)


def bar(*columns: ProgressColumn) -> Progress:
    """Return a bar as wide as the terminal, which vanishes in the end; a pipe or a file gets none."""
    console = _console()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(None),
        *columns,
        console=console,
        transient=True,
        expand=True,
        disable=not console.is_terminal,
    )


def _console() -> Console:
    return Console(stderr=True, markup=False, emoji=False, highlight=False)
