"""Why there is no threshold."""

from coldframe.errors import ColdframeError


class NoThreshold(ColdframeError):
    """Raise when rows or objective give no threshold, naming the fix."""
