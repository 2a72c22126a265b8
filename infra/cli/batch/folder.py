"""A watched folder: which of its files are to be scored, which stand still, and which are done."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from coldframe.errors import ColdframeError

UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp")  # of browsers and others


class Look(NamedTuple):
    """A file's size, and its time of modification since 1970."""

    size_bytes: int
    modified_ns: int


class Done:
    """What is done: keys in the inbox, each with the look that the file had. A JSON file, replaced whole.

    Raises `ColdframeError` when that file is no such list.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looks = self._read() if path.exists() else {}

    def has(self, key: str, look: Look) -> bool:
        return self._looks.get(key) == look

    def add(self, key: str, look: Look) -> None:
        self._looks[key] = look
        new = self._path.with_suffix(".tmp")
        new.write_text(json.dumps(self._looks, ensure_ascii=False, indent=1), encoding="utf-8")
        new.replace(self._path)

    def _read(self) -> dict[str, Look]:
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
            return {key: Look(*look) for key, look in stored.items()}
        except (ValueError, TypeError, AttributeError) as error:
            raise ColdframeError(f"{self._path} is damaged: delete it, and all is scored anew.") from error


def settled(before: Mapping[str, Look], now: Mapping[str, Look]) -> list[str]:
    """Return the files that stood still from one look to the next, the longest unchanged first."""
    still = [name for name in now if before.get(name) == now[name]]
    return sorted(still, key=lambda name: (now[name].modified_ns, name))


def look_at(folder: Path) -> dict[str, Look]:
    """Look at every file that is to be scored: none that is hidden, a lock, half of a download, or empty.

    An empty file is what a browser puts there while it downloads under another name.
    """
    names = (path.name for path in folder.iterdir() if is_wanted(path.name))
    looks = {name: look_of(folder / name) for name in names}
    return {name: look for name, look in looks.items() if look is not None and look.size_bytes}


def look_of(path: Path) -> Look | None:
    """Look at one file; None when it is gone, or no file."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return Look(facts.st_size, facts.st_mtime_ns) if path.is_file() else None


def is_wanted(name: str) -> bool:
    """Tell a file that somebody dropped from what programs leave beside it: .~lock.x#, ~$x, x~, x.part."""
    return not name.startswith((".", "~$")) and not name.endswith(("~", *UNFINISHED))
