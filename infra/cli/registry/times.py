"""Times that people type, for the history."""

from datetime import UTC, datetime

from coldframe.errors import ColdframeError
from infra.cli.notes import note

EXAMPLE = "2026-11-01T12:00, or 2026-11-01T12:00+09:00"


class UnusableTime(ColdframeError):
    """Raise when what was typed is no time, or lies in the future."""


def past(text: str, now: datetime) -> datetime:
    """Return the time in UTC (ISO 8601; without a zone it is UTC, and that is said).

    Raises `UnusableTime`.
    """
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            note(f"{text} has no zone: it is taken as UTC.")
            time = time.replace(tzinfo=UTC)
        time = time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnusableTime(f"{text!r} is not a time such as {EXAMPLE} (ISO 8601).") from error
    if time > now:
        raise UnusableTime(f"{time:%Y-%m-%d %H:%M} UTC is in the future: it is {now:%Y-%m-%d %H:%M} UTC now.")
    return time
