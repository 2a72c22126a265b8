"""Which model scores a file: checked before anything is uploaded, so that a typo costs nothing."""

from difflib import get_close_matches

from coldframe.errors import ColdframeError, ObjectNotFound
from coldframe.registry import CHAMPION, read_aliases
from coldframe.store import Store


def published_model(store: Store, name: str | None) -> str:
    """Return `name` if it is live, or without a name the only model that is. Raises `ColdframeError`."""
    live = [folder for folder in store.folders("models/") if _is_live(store, folder)]
    if not live:
        raise ColdframeError("No model is published: run coldframe publish NAME.")
    if name is None and len(live) == 1:
        return live[0]
    if name is None:
        raise ColdframeError(f"Say which model scores it: --model {', --model '.join(live)}")
    if name not in live:
        raise ColdframeError(f"No model {name} is published. {_advice(name, live)}")
    return name


def _is_live(store: Store, name: str) -> bool:
    """Tell a model from a folder that a publish left when it was cut short."""
    try:
        aliases, _ = read_aliases(store, name)
    except ObjectNotFound:
        return False
    return CHAMPION in aliases.aliases


def _advice(name: str, live: list[str]) -> str:
    near = get_close_matches(name, live, n=1)
    return f"Did you mean {near[0]}?" if near else f"There is {', '.join(live)}."
