"""What sums over a window say of a version: a pure function of them, of its share, and of the settings."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from coldframe import limits
from coldframe.guardian.settings import Settings

Action = Literal["wait", "advance", "promote", "withdraw"]


@dataclass(frozen=True)
class Sums:
    """What a version did in a window: calls, those of them that failed or were slow, answers by label.

    `fallbacks` are of `items`; `not_opened` are attempts to open it that failed; `compared` are inputs of the
    champion's that it scored in its shadow, `disagreements` those with another label.
    """

    calls: float = 0
    errors: float = 0
    slow: float = 0
    items: float = 0
    fallbacks: float = 0
    not_opened: float = 0
    compared: float = 0
    disagreements: float = 0
    labels: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What to do with a challenger, to which share in percent if it advances, and why."""

    action: Action
    why: str
    percent: int | None = None


def judge(percent: int, whole_window: bool, champion: Sums, challenger: Sums, settings: Settings) -> Verdict:
    """Compare a challenger that has this share with the champion.

    It is withdrawn as soon as something is shown against it; it advances when a `whole_window` with enough
    traffic of both has shown nothing. One without a share, a shadow, stays as it is until somebody moves it.
    """
    if faults := list(_faults(champion, challenger, settings)):
        return Verdict("withdraw", "; ".join(faults))
    if percent == 0:
        return Verdict("wait", f"a shadow: {_agreement(challenger)}")
    if lacking := _lacking(champion, challenger, settings):
        return Verdict("wait", lacking)
    if not whole_window:
        return Verdict("wait", f"less than {settings.window_seconds} s at {percent}%")
    return _next_step(percent, challenger)


def champion_fault(sums: Sums, settings: Settings) -> str | None:
    """Say what is shown against a champion that has just become one: it cannot be opened, or it fails."""
    if sums.not_opened:
        return _cannot_be_opened(sums)
    share = _share(sums.errors, sums.calls)
    if sums.calls >= settings.calls_min_count and share > settings.error_share_max:
        return f"{share:.1%} of {sums.calls:.0f} calls failed, over {settings.error_share_max:.1%}"
    return None


def stability_index(expected: Mapping[str, float], actual: Mapping[str, float]) -> tuple[float, float]:
    """Return the population stability index of two counts by label, and how large chance alone makes it.

    Half a count is added to each label, so that one that never came has a logarithm. By chance the index is
    (1/n + 1/m) times a chi-square of one less than there are labels (Yurdakul and Naranjo, 2020); returned
    is its mean and three standard deviations.
    """
    labels = sorted({*expected, *actual})
    before, after = _shares(expected, labels), _shares(actual, labels)
    index = sum((b - a) * math.log(b / a) for a, b in zip(before, after, strict=True))
    freedom = max(len(labels) - 1, 0)
    sizes = 1 / max(sum(expected.values()), 1) + 1 / max(sum(actual.values()), 1)
    return index, sizes * (freedom + 3 * math.sqrt(2 * freedom))


def _faults(champion: Sums, challenger: Sums, settings: Settings) -> Iterator[str]:
    if challenger.not_opened:
        yield _cannot_be_opened(challenger)
    if challenger.calls >= settings.calls_min_count:
        yield from _worse_shares(champion, challenger, settings)
    if min(champion.items, challenger.items) >= settings.calls_min_count:
        index, chance = stability_index(champion.labels, challenger.labels)
        if index > settings.psi_max and index > chance:
            yield f"its labels are others: stability index {index:.2f}, over {settings.psi_max:g}"
    disagreement = _share(challenger.disagreements, challenger.compared)
    if challenger.compared >= settings.calls_min_count and disagreement > settings.disagreement_share_max:
        yield f"{_agreement(challenger)}, over {settings.disagreement_share_max:.1%}"


def _worse_shares(champion: Sums, challenger: Sums, settings: Settings) -> Iterator[str]:
    yield from _worse(
        "of its calls failed",
        _share(champion.errors, champion.calls),
        _share(challenger.errors, challenger.calls),
        settings.error_share_max,
    )
    yield from _worse(
        f"of its calls took over {settings.slow_ms} ms",
        _share(champion.slow, champion.calls),
        _share(challenger.slow, challenger.calls),
        settings.slow_share_max,
    )
    yield from _worse(
        "of its answers were given without a model",
        _share(champion.fallbacks, champion.items),
        _share(challenger.fallbacks, challenger.items),
        settings.fallback_share_max,
    )


def _worse(what: str, before: float, after: float, most: float) -> Iterator[str]:
    if after - before > most:
        yield f"{after:.1%} {what}, of the champion's {before:.1%}"


def _lacking(champion: Sums, challenger: Sums, settings: Settings) -> str | None:
    for who, sums in (("its", challenger), ("the champion's", champion)):
        if sums.calls < settings.calls_min_count:
            return f"too little traffic: {sums.calls:.0f} of {who} {settings.calls_min_count} calls"
    return None


def _next_step(percent: int, challenger: Sums) -> Verdict:
    step = next(step for step in limits.GUARDIAN_STEPS_PERCENT if step > percent)
    why = f"nothing against it in {challenger.calls:.0f} calls at {percent}%"
    return Verdict("promote", why) if step == 100 else Verdict("advance", why, step)


def _cannot_be_opened(sums: Sums) -> str:
    return f"it could not be opened, {sums.not_opened:.0f} times"


def _agreement(sums: Sums) -> str:
    share = _share(sums.disagreements, sums.compared)
    return f"{share:.1%} of {sums.compared:.0f} inputs get another label"


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _shares(counts: Mapping[str, float], labels: list[str]) -> list[float]:
    total = sum(counts.values()) + len(labels) / 2
    return [(counts.get(label, 0) + 0.5) / total for label in labels]
