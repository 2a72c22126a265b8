"""Which model scores a file: checked before anything is uploaded, so that a typo costs nothing."""

from difflib import get_close_matches

from coldframe.errors import ColdframeError
from coldframe.registry import live_names
from coldframe.store import Store


def published_model(store: Store, name: str | None, environment: str) -> str:
    """Return `name` if it is live, or without a name the only model that is. Raises `ColdframeError`."""
    live = live_names(store, environment)
    if not live:
        raise ColdframeError("No model is published: run coldframe publish NAME.")
    if name is None and len(live) == 1:
        return live[0]
    if name is None:
        raise ColdframeError(f"Say which model scores it: --model {', --model '.join(live)}")
    if name not in live:
        raise ColdframeError(f"No model {name} is published. {_advice(name, live)}")
    return name


def _advice(name: str, live: list[str]) -> str:
    near = get_close_matches(name, live, n=1)
    return f"Did you mean {near[0]}?" if near else f"There is {', '.join(live)}."
