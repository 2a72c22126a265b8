"""Who does something, when and why, for the history of what is live."""

import os
from datetime import UTC, datetime

from coldframe.aliases import Note
from coldframe.errors import ColdframeError

WHY_MAX_CHARS = 1_000


def noted(why: str) -> Note:
    """Return a note of now, by this user. Raises `ColdframeError` when the reason is too long to be kept."""
    if len(why) > WHY_MAX_CHARS:
        raise ColdframeError(f"The reason has {len(why):,} characters: shorten it to {WHY_MAX_CHARS:,}.")
    by = os.environ.get("USER") or f"uid {os.getuid()}"
    return Note(datetime.now(UTC).isoformat(timespec="milliseconds"), by, why)
