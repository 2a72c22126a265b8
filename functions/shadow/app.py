"""Log lines with inputs: challengers score what champions have answered."""

from typing import Any

from coldframe.shadow.compare import Shadow
from coldframe.shadow.events import decisions
from coldframe.telemetry import observed

shadow = Shadow.from_environment()


@observed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Score the lines of one event; what fails here is sent again."""
    shadow.score(decisions(event))
    return {}
