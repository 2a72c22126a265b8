"""The inbox's key for a file: what has no key, or no place for its result, is refused before the upload."""

from urllib.parse import quote

from coldframe.errors import ColdframeError
from infra.cli.notes import CONTROLS, printable

KEY_MAX_BYTES = 1_024  # S3's own
NAME_MAX_BYTES = 220  # of a file system's 255: what comes back has a longer name, and a longer one meanwhile


def inbox_key(model: str, name: str, column: str | None) -> str:
    """Return `<model>/<name>`, with `?column=` and the column's name, percent-encoded, where one is given.

    Raises `ColdframeError` when the file's or the column's name cannot be in a key.
    """
    if CONTROLS.search(name) or "?column=" in name:
        raise ColdframeError(
            f"{printable(name)} cannot be named so in S3 (control characters, bytes that are not UTF-8, "
            "or ?column=): rename the file."
        )
    if len(name.encode()) > NAME_MAX_BYTES:
        raise ColdframeError(f"The name {name} is too long: rename it, to {NAME_MAX_BYTES} bytes at most.")
    key = f"{model}/{name}" + (f"?column={quote(column, safe='', errors='replace')}" if column else "")
    if len(key.encode()) > KEY_MAX_BYTES:
        raise ColdframeError(f"The name of the column is too long for a key of S3: rename it. It is {column}")
    return key
