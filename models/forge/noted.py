"""Who does something, when and why, for the history of what is live.

A change must stay below limits.CHANGE_MAX_BYTES, and a character takes up to six bytes of JSON.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from coldframe.changes import Note
from coldframe.errors import ColdframeError

WHY_MAX_CHARS = 1_000
FORCED_WHY_MAX_CHARS = 1_200  # with what was against it
BY_MAX_CHARS = 50


def noted(why: str) -> Note:
    """Return a note of now, by this user. Raises `ColdframeError` when the reason is too long to be kept."""
    if len(why) > WHY_MAX_CHARS:
        raise ColdframeError(f"The reason has {len(why):,} characters: shorten it to {WHY_MAX_CHARS:,}.")
    by = os.environ.get("USER") or f"uid {os.getuid()}"
    return Note(datetime.now(UTC).isoformat(timespec="milliseconds"), by[:BY_MAX_CHARS], why)


def forced(note: Note, objections: Sequence[str]) -> Note:
    """Return the note with what was against the change, if anything was, cut short with "…" where needed."""
    if not objections:
        return note
    before, against, after = f"{note.why} (forced, though ", "; ".join(objections), ")"
    room = FORCED_WHY_MAX_CHARS - len(before) - len(after)
    if len(against) > room:
        against = f"{against[: room - 1]}…"
    return replace(note, why=f"{before}{against}{after}")
