"""Which version answers a request: the champion, or the challenger for its share of the keys."""

import hashlib
import time
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field

from coldframe.loading import LoadedModel
from coldframe.manifest import sha256

HEADER = "x-routing-key"
Inputs = Iterable[str | bytes]


@dataclass
class Call:
    """One request while it is answered: its key if it named one, and what came to answer it.

    `champion_only` is set when the challenger has failed it. `by_version` says that what happens is counted
    under the version too, because one is on trial or has just become the champion.
    """

    key: str | None = None
    champion_only: bool = False
    model: LoadedModel | None = None
    is_challenger: bool = False
    by_version: bool = False


_CALL: ContextVar[Call] = ContextVar("call")


def begin(call: Call) -> Call:
    """Make this the request that is being answered, and return it."""
    _CALL.set(call)
    return call


def current() -> Call:
    """Return the request that is being answered; outside of one, a request without a key."""
    return _CALL.get(Call())


@dataclass(frozen=True)
class Serving:
    """What an environment has open of a model, and what it could not open of what its aliases name.

    The champion is new, and watched, until `new_until` (Unix time in seconds).
    """

    champion: LoadedModel | None = None
    challenger: LoadedModel | None = None
    percent: int = 0
    on_trial: bool = False
    new_until: float = 0.0
    problems: tuple[str, ...] = field(default=())

    def answering(self, inputs: Inputs = ()) -> LoadedModel | None:
        """Return what answers the current request, and note that it does."""
        call = current()
        call.model = self.chosen(inputs)
        call.is_challenger = call.model is not None and call.model is self.challenger
        call.by_version = self.on_trial or time.time() < self.new_until
        return call.model

    def chosen(self, inputs: Inputs = ()) -> LoadedModel | None:
        """Return what would answer the current request; the same key always gets the same version.

        The key is the request's own, else the inputs themselves; without either, the champion answers.
        """
        call = current()
        if self.challenger is None or self.percent == 0 or call.champion_only:
            return self.champion
        key = call.key.encode("utf-8", "replace") if call.key else _key_of(inputs)
        takes = bool(key) and is_within(key, self.challenger.target.manifest_sha256, self.percent)
        return self.challenger if takes else self.champion


def is_within(key: bytes, salt: str, percent: float) -> bool:
    """Say whether a key is among this share of all; a larger share has all of a smaller one.

    Another salt draws other keys.
    """
    drawn = int(sha256(salt.encode() + b"\0" + key)[:16], 16)
    return drawn < percent / 100 * 2**64


def _key_of(inputs: Inputs) -> bytes:
    total = hashlib.sha256()
    empty = True
    for one in inputs:
        data = one if isinstance(one, bytes) else one.encode("utf-8", "surrogatepass")
        total.update(len(data).to_bytes(8) + data)
        empty = False
    return b"" if empty else total.digest()
