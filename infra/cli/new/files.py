"""The files of a new model, from the texts in a folder that is named as its kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from coldframe import limits
from infra.cli.new.template import LIKE

_WEIGHTS_MAX_COUNT = 960_000  # of float16: less than 2 MB
_BUCKETS_A_ROW, _BUCKETS_MIN_COUNT = 60, 20_000  # more gave little, and take time
THRESHOLD_ROWS_MIN_COUNT = 25  # of either kind: in four of five folds there are the 20 that forge asks for
ALARM = "alarm"
FREEDOM = (0.3, 0.4)  # of the penalty: never far from the best on 200 to 15,000 rows of six kinds


@dataclass(frozen=True)
class Plan:
    """What a new model is to be. `counts` are the rows of each label, `alarm` the labels that raise one."""

    kind: str
    name: str
    title: str
    counts: Mapping[str, int]
    alarm: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Its labels, in order."""
        return tuple(self.counts)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(self.counts.values())

    @property
    def thresholds(self) -> tuple[str, ...]:
        """What gets one: the alarm, or without it the labels with rows enough."""
        if self.alarm:
            return (ALARM,)
        return tuple(label for label, count in self.counts.items() if count >= THRESHOLD_ROWS_MIN_COUNT)

    @property
    def contrasts(self) -> int:
        """The columns of its weights."""
        return len(self.labels) - 1

    @property
    def buckets(self) -> int:
        """The rows of its weights."""
        return min(_WEIGHTS_MAX_COUNT // self.contrasts, max(_BUCKETS_MIN_COUNT, _BUCKETS_A_ROW * self.rows))


def write(plan: Plan, features: str, makefile: str, folder: Path) -> None:
    """Write what is known before training into `folder`, as it will stand in the project."""
    values = _values(plan, features)
    function, model = folder / "functions" / plan.name, folder / "models" / plan.name
    for home in (function, model):
        home.mkdir(parents=True)
    (function / "app.py").write_text(_text(plan, "app.py", values), encoding="utf-8")
    for name in ("__init__.py", "recipe.py", "model.toml", "card.md"):
        (model / name).write_text(_text(plan, name, values), encoding="utf-8")
    own = makefile.replace(LIKE.capitalize(), plan.name.capitalize()).replace(LIKE, plan.name)
    (function / "Makefile").write_text(own, encoding="utf-8")


def _values(plan: Plan, features: str) -> Mapping[str, object]:
    columns = "1 column" if plan.contrasts == 1 else f"{plan.contrasts} columns"
    return {
        "kind": plan.kind,
        "name": plan.name,
        "title": plan.title,
        "labels": _tuple(plan.labels),
        "threshold_rows": THRESHOLD_ROWS_MIN_COUNT,
        "features": features,
        "buckets": f"{plan.buckets:_}",
        "columns": columns,
        "weights_bytes": f"{plan.buckets * plan.contrasts * 2:,}",
        "freedom": FREEDOM,
        "contrasts": plan.contrasts,
        "thresholds": _tuple(plan.thresholds),
        "alarm": _text(plan, "alarm.toml", {"labels": _listed(plan.alarm)}) if plan.alarm else "",
        "text_max_chars": limits.LONG_TEXT_MAX_CHARS,
    }


def _tuple(names: Sequence[str]) -> str:
    """As ruff formats it, which breaks no tuple of one."""
    if len(names) < 2:
        return "(" + "".join(f'"{name}",' for name in names) + ")"
    return "(\n" + "".join(f'    "{name}",\n' for name in names) + ")"


def _listed(labels: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{label}"' for label in labels) + "]"


def _text(plan: Plan, name: str, values: Mapping[str, object]) -> str:
    text = (Path(__file__).parent / plan.kind / f"{name}.txt").read_text(encoding="utf-8")
    return Template(text).substitute(values)
