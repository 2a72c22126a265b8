"""Log lines with inputs: challengers score what champions have answered."""

from typing import TYPE_CHECKING, Any

from coldframe.shadow.compare import Shadow
from coldframe.shadow.events import decisions
from coldframe.telemetry import observed

if TYPE_CHECKING:
    from mangum.types import LambdaContext

shadow = Shadow.from_environment()


@observed
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Score the lines of one event; what fails here is sent again."""
    shadow.score(decisions(event), lambda: context.get_remaining_time_in_millis() / 1e3)
    return {}
