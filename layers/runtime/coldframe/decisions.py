"""From the probabilities of a text's labels to what is said of it, as the manifest has it."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, Protocol

from coldframe.errors import ManifestError

if TYPE_CHECKING:
    from coldframe.manifest import Manifest

SCORE_DIGITS = 6  # of a `Labelling`: its thresholds are compared with what the answer shows
FLAGS = "flags"
_WIDEST_SHARE = 2.2250738585072014e-308  # written with 23 characters, as no float from 0 to 1 exceeds
_WIDEST_ROUNDED = 0.111111

# An answer as a table has it: `columns` names the words, of which the label is last, then the numbers.
Row = tuple[tuple[str, ...], tuple[float, ...]]


class Decision(Protocol):
    """Makes a row of a text's probabilities, and an answer of a row."""

    columns: tuple[str, ...]

    def row(self, scores: list[float], /) -> Row: ...

    def answer(self, row: Row, /) -> dict[str, Any]: ...

    def widest(self) -> list[Row]:
        """Rows of which one takes as many characters as any answer, whichever way they are written."""
        ...


def decision(manifest: "Manifest") -> Decision:
    """Return how this version decides."""
    return Verdict(manifest) if manifest.verdict else Labelling(manifest)


class Verdict:
    """The likeliest label; and of two opposite ones the likelier, as a word with its share of the two."""

    def __init__(self, manifest: "Manifest") -> None:
        labels, verdict = manifest.labels, manifest.verdict
        self.columns = ("result", "label", "score", *_score_columns(labels))
        self._labels = labels
        self._poles = [place for place, label in enumerate(labels) if label in verdict]
        # By the likeliest label and by the likelier pole.
        self._words = [[(verdict[labels[pole]], label) for pole in self._poles] for label in labels]

    def row(self, scores: list[float]) -> Row:
        first, second = self._poles
        one, other = scores[first], scores[second]
        # Both this and the label go to the earlier label in a tie: the two never contradict.
        pole, likelier = (0, one) if one >= other else (1, other)
        both = one + other
        words = self._words[scores.index(max(scores))][pole]
        return words, (likelier / both if both else 0.5, *scores)

    def answer(self, row: Row) -> dict[str, Any]:
        (result, label), (score, *scores) = row
        scores_by_label = dict(zip(self._labels, scores, strict=True))
        return {"result": result, "score": score, "label": label, "scores": scores_by_label}

    def widest(self) -> list[Row]:
        numbers = (_WIDEST_SHARE,) * (1 + len(self._labels))
        return [(words, numbers) for words_of_label in self._words for words in words_of_label]


class Shares:
    """The likeliest label, and the labels' probabilities as they are."""

    def __init__(self, manifest: "Manifest") -> None:
        self._labels = manifest.labels
        self.columns = ("label", *_score_columns(manifest.labels))

    def row(self, scores: list[float]) -> Row:
        return (self._labels[scores.index(max(scores))],), tuple(scores)

    def answer(self, row: Row) -> dict[str, Any]:
        (label,), scores = row
        return {"label": label, "scores": dict(zip(self._labels, scores, strict=True))}

    def widest(self) -> list[Row]:
        return [((label,), (_WIDEST_SHARE,) * len(self._labels)) for label in self._labels]


class Labelling:
    """The label, and what follows from the thresholds that are reached.

    The label is the likeliest, each measured by its threshold, or 0.5 where it has none. The alarm, where
    there is one, is some of the labels together: its `probability` is the sum of theirs, and where that
    reaches its threshold, the label is one of those, otherwise one of the others. The first outcome of whose
    `when` every threshold is reached says the words; without outcomes they are the names of what reached its
    threshold, between bars.
    """

    def __init__(self, manifest: "Manifest") -> None:
        labels, alarm = manifest.labels, manifest.alarm
        self._labels = labels
        self._limits = {name: float(chosen["value"]) for name, chosen in sorted(manifest.thresholds.items())}
        self._halves = [0.5 / max(self._limits.get(label, 0.5), 1e-9) for label in labels]
        self._alarm = alarm.get("name")
        self._inside = [place for place, label in enumerate(labels) if label in alarm.get("labels", ())]
        self._outside = [place for place in range(len(labels)) if place not in self._inside]
        self._outcomes = [_split(outcome) for outcome in manifest.outcomes]
        self._said: dict[tuple[str, ...], tuple[str, ...]] = {}
        words = tuple(self._outcomes[0][1]) if self._outcomes else (FLAGS,) * bool(self._limits)
        numbers = ("probability",) * bool(alarm)
        self._words = words
        self.columns = (*words, "label", *numbers, *_score_columns(labels))

    def row(self, scores: list[float]) -> Row:
        rounded = [round(score, SCORE_DIGITS) for score in scores]
        numbers = rounded
        named = dict(zip(self._labels, rounded, strict=True))
        if self._alarm:
            named[self._alarm] = round(sum([scores[place] for place in self._inside]), SCORE_DIGITS)
            numbers = [named[self._alarm], *rounded]
        reached = tuple([name for name, limit in self._limits.items() if named[name] >= limit])
        by_threshold = [score * half for score, half in zip(scores, self._halves, strict=True)]
        label = self._labels[max(self._among(reached), key=by_threshold.__getitem__)]
        return (*self._words_for(reached), label), tuple(numbers)

    def answer(self, row: Row) -> dict[str, Any]:
        (*words, label), numbers = row
        said: dict[str, Any] = dict(zip(self._words, words, strict=True))
        if FLAGS in said:
            said[FLAGS] = said[FLAGS].split("|") if said[FLAGS] else []
        said["label"] = label
        if self._alarm:
            said |= {"probability": numbers[0], "threshold": self._limits[self._alarm]}
        return said | {"scores": dict(zip(self._labels, numbers[-len(self._labels) :], strict=True))}

    def widest(self) -> list[Row]:
        said = [tuple(words.values()) for _, words in self._outcomes]
        said = said or [self._words_for(tuple(self._limits))]
        numbers = (_WIDEST_ROUNDED,) * (len(self.columns) - len(self._words) - 1)
        return [((*words, label), numbers) for words, label in product(said, self._labels)]

    def _among(self, reached: tuple[str, ...]) -> Sequence[int]:
        """The places of the labels that are possible still."""
        if self._alarm is None:
            return range(len(self._labels))
        return self._inside if self._alarm in reached else self._outside

    def _words_for(self, reached: tuple[str, ...]) -> tuple[str, ...]:
        if reached not in self._said:
            fits = (words for when, words in self._outcomes if when <= set(reached))
            flags = ("|".join(reached),) * bool(self._limits)
            self._said[reached] = tuple(next(fits).values()) if self._outcomes else flags
        return self._said[reached]


def check_decision(manifest: "Manifest") -> None:
    """Raise `ManifestError` unless verdict, alarm, thresholds and outcomes fit the labels and each other.

    KeyError, TypeError, ValueError or AttributeError where one of them has another form than Manifest tells.
    """
    labels, verdict, alarm = set(manifest.labels), manifest.verdict, manifest.alarm
    if verdict and (len(verdict) != 2 or not set(verdict) <= labels):
        raise ManifestError(f"verdict {dict(verdict)} must name two of the labels")
    names = {*labels, alarm["name"]} if alarm else labels
    if alarm and not (set() < set(alarm["labels"]) < labels and len(names) > len(labels)):
        raise ManifestError(f"alarm {dict(alarm)} must have a name of its own and some of the labels")
    if alarm and alarm["name"] not in manifest.thresholds:
        raise ManifestError(f"the alarm {alarm['name']} must have a threshold")
    for name, chosen in manifest.thresholds.items():
        if name not in names or not 0 <= float(chosen["value"]) <= 1:
            raise ManifestError(f"threshold {name!r} must be that of a label or the alarm, from 0 to 1")
    _check_outcomes(manifest.outcomes, set(manifest.thresholds))


def _check_outcomes(outcomes: Sequence[Mapping[str, Any]], thresholds: set[str]) -> None:
    split = [_split(outcome) for outcome in outcomes]
    if not all(when <= thresholds for when, _ in split):
        raise ManifestError(f"outcomes must name thresholds: {', '.join(sorted(thresholds))}")
    if split and (split[-1][0] or len({tuple(words) for _, words in split}) > 1 or not split[0][1]):
        raise ManifestError("outcomes must all have the same words, and the last one an empty `when`")
    if not all(isinstance(word, str) for _, words in split for word in words.values()):
        raise ManifestError("outcomes must say words")


def _split(outcome: Mapping[str, Any]) -> tuple[set[str], dict[str, str]]:
    """What must be reached, and what is said then, in the order in which a manifest is written."""
    return set(outcome["when"]), {name: outcome[name] for name in sorted(outcome) if name != "when"}


def _score_columns(labels: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"score_{label}" for label in labels)
