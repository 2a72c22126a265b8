"""Whether an answer of a new version will do: pure, of what was answered alone."""

from dataclasses import dataclass
from typing import Any

UNAVAILABLE = 503
SHOWN_CHARS = 300


@dataclass(frozen=True)
class Reply:
    """What an invocation returned; `error` is Lambda's word for one that ended in an error."""

    payload: Any
    error: str | None = None

    @property
    def status(self) -> int | None:
        """The HTTP status, if this is a proxy answer."""
        status = self.payload.get("statusCode") if isinstance(self.payload, dict) else None
        return status if isinstance(status, int) and self.error is None else None

    @property
    def is_good(self) -> bool:
        """A 2xx or 3xx, or a batch without failures."""
        if self.status is not None:
            return 200 <= self.status < 400
        return self.error is None and self.payload == {"batchItemFailures": []}


def needs_comparison(reply: Reply) -> bool:
    """Say whether it takes the answer of the version that has the traffic to judge this one.

    A 503 tells of what the function needs and not of its code: before a model is published all versions
    answer so, and a first deployment must not fail for it.
    """
    return reply.status == UNAVAILABLE


def objection(name: str, reply: Reply, serving: Reply | None = None) -> str | None:
    """Say what is wrong with the answer to the event of this name, or None.

    `serving` is what the version that has the traffic answers, where that counts: a new version may be
    unavailable if that one does no better.
    """
    if reply.is_good:
        return None
    if needs_comparison(reply) and serving is not None and not serving.is_good:
        return None
    told = reply.error or (f"status {reply.status}" if reply.status else "no proxy answer")
    return f"{name}: {told}: {_shown(reply.payload)}"


def _shown(payload: Any) -> str:
    told = payload.get("body", payload.get("errorMessage", payload)) if isinstance(payload, dict) else payload
    return str(told)[:SHOWN_CHARS]
