"""Which versions of a model are live, and how that came about: the alias document, and how it may change.

Nothing here reads or writes: `coldframe.registry` does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from coldframe import limits
from coldframe.changes import (
    CHALLENGER,
    CHAMPION,
    EPOCH,
    PRODUCTION,
    PROMOTE,
    ROLL_BACK,
    TRY,
    WITHDRAW,
    Change,
    Note,
    Target,
    alias_name,
)
from coldframe.errors import ChangeRefused, ManifestError

_to_json = json.JSONEncoder(ensure_ascii=False, default=vars).encode


@dataclass(frozen=True)
class Trial:
    """A challenger: its share of the traffic in percent (0: it answers nobody), and since when it has it."""

    target: Target
    percent: int
    since: str


@dataclass(frozen=True)
class Aliases:
    """The alias document of one model. Every method returns a new one.

    `since` is when each alias last changed. `lines` has the champions of each environment, the live one
    first, then those to go back to: they are needed when their changes have long moved out of the history.
    """

    aliases: Mapping[str, Target] = field(default_factory=dict)
    percents: Mapping[str, int] = field(default_factory=dict)
    since: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)
    history: tuple[Change, ...] = ()
    revision: int = 0

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read the document. Raises `ManifestError` when it is malformed."""
        try:
            document = json.loads(data)
            return cls(
                {alias: Target.parse(target) for alias, target in document["aliases"].items()},
                {alias: int(percent) for alias, percent in document.get("percents", {}).items()},
                {alias: _time(at) for alias, at in document.get("since", {}).items()},
                {name: tuple(map(Target.parse, line)) for name, line in document.get("lines", {}).items()},
                tuple(map(Change.parse, document["history"])),
                int(document["revision"]),
            )
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise ManifestError(
                f"the alias document is malformed ({error}): restore the version of aliases.json before it, "
                "which the bucket keeps"
            ) from error

    def to_bytes(self) -> bytes:
        """Write as JSON, each change on a line of its own: `indent` would take five times as long."""
        now = _to_json({name: value for name, value in vars(self).items() if name != "history"})
        history = ",\n".join(map(_to_json, self.history))
        return f'{now[:-1]}, "history": [\n{history}\n]}}\n'.encode()

    def champion(self, environment: str = PRODUCTION) -> Target | None:
        """Return what answers."""
        return self.aliases.get(alias_name(CHAMPION, environment))

    def trial(self, environment: str = PRODUCTION) -> Trial | None:
        """Return the challenger, if there is one."""
        alias = alias_name(CHALLENGER, environment)
        if alias not in self.aliases:
            return None
        return Trial(self.aliases[alias], self.percents.get(alias, 0), self.since.get(alias, EPOCH))

    def last_change(self, alias: str) -> Change | None:
        """Return the alias's last change, among those that the document holds."""
        return next((change for change in reversed(self.history) if change.alias == alias), None)

    def line(self, environment: str = PRODUCTION) -> list[Target]:
        """Return the champion, then those to go back to, latest first; who was rolled back is left out."""
        live = self.champion(environment)
        earlier = self.lines.get(environment, ())
        return list(dict.fromkeys([live, *earlier])) if live else []

    def promoted(self, environment: str, target: Target, note: Note, action: str = PROMOTE) -> Self:
        """Make `target` the champion; a challenger of the same version has arrived, and its trial ends."""
        trial = self.trial(environment)
        arrived = self.withdrawn(environment, note, action) if trial and trial.target == target else self
        new = arrived._pointed(alias_name(CHAMPION, environment), target, note, action)
        if new is arrived:
            return new
        return replace(new, lines={**self.lines, environment: new._pushed(environment, action)})

    def rolled_back(self, environment: str, target: Target, note: Note) -> Self:
        """Make `target` the champion again."""
        return self.promoted(environment, target, note, ROLL_BACK)

    def tried(self, environment: str, target: Target, percent: int, note: Note) -> Self:
        """Make `target` the challenger with this share of the traffic, 0 to 100.

        Raises `ChangeRefused` without a champion to compare with, or when it is the champion.
        """
        champion = self.champion(environment)
        if champion is None or champion == target:
            why = "it is the champion already" if champion else "there is no champion yet: promote one first"
            raise ChangeRefused(f"{target.version} cannot be tried in {environment}: {why}")
        return self._pointed(alias_name(CHALLENGER, environment), target, note, TRY, percent)

    def withdrawn(self, environment: str, note: Note, action: str = WITHDRAW) -> Self:
        """End the trial, if there is one."""
        return self._pointed(alias_name(CHALLENGER, environment), None, note, action)

    def without_history_to(self, revision: int) -> Self:
        """Return the document without the history up to this revision."""
        return replace(self, history=tuple(one for one in self.history if one.revision > revision))

    def _pushed(self, environment: str, action: str) -> tuple[Target, ...]:
        """The line once its environment has this champion."""
        live, line = self.aliases[alias_name(CHAMPION, environment)], self.lines.get(environment, ())
        if action == ROLL_BACK:
            line = line[line.index(live) + 1 :] if live in line else ()
        return (live, *line)[: limits.ALIAS_LINE_MAX_COUNT]

    def _pointed(
        self, alias: str, target: Target | None, note: Note, action: str, percent: int | None = None
    ) -> Self:
        before = self.aliases.get(alias)
        if before == target and self.percents.get(alias) == percent:
            return self
        at = _no_earlier(note.at, self.history[-1].at) if self.history else note.at
        change = Change(self.revision + 1, alias, before, target, at, note.by, note.why, action, percent)
        return replace(
            self,
            aliases=_with(self.aliases, alias, target),
            percents=_with(self.percents, alias, percent),
            since=_with(self.since, alias, at),
            history=(*self.history, change),
            revision=change.revision,
        )


def _no_earlier(at: str, last: str) -> str:
    """Two writers' clocks differ by little; one that was far ahead is not followed."""
    if not at or not at < last:
        return at
    ahead = datetime.fromisoformat(last) - datetime.fromisoformat(at)
    return last if ahead <= timedelta(seconds=limits.CLOCKS_DIFFER_MAX_SECONDS) else at


def _with(pairs: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    others = {name: one for name, one in pairs.items() if name != key}
    return others if value is None else {**others, key: value}


def _time(at: str) -> str:
    return datetime.fromisoformat(at).isoformat(timespec="milliseconds")
