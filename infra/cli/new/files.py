"""The files of a new model, from the texts in linear-text/."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from coldframe import limits
from infra.cli.new.template import LIKE

_TEXTS = Path(__file__).parent / "linear-text"
_WEIGHTS_MAX_COUNT = 960_000  # of float16: less than 2 MB
_BUCKETS_A_ROW, _BUCKETS_MIN_COUNT = 60, 30_000  # more gave nothing, and take time
FREEDOM = (0.3, 0.4)  # of the penalty: never far from the best on 200 to 15,000 rows of six kinds


@dataclass(frozen=True)
class Plan:
    """What a new model is to be. `alarm` are the labels that raise one; `rows` is their number."""

    name: str
    title: str
    labels: tuple[str, ...]
    alarm: tuple[str, ...]
    rows: int

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
    for home, names in (
        (function, ("app.py",)),
        (model, ("__init__.py", "recipe.py", "model.toml", "card.md")),
    ):
        home.mkdir(parents=True)
        for name in names:
            (home / name).write_text(_text(name, values), encoding="utf-8")
    own = makefile.replace(LIKE.capitalize(), plan.name.capitalize()).replace(LIKE, plan.name)
    (function / "Makefile").write_text(own, encoding="utf-8")


def _values(plan: Plan, features: str) -> Mapping[str, object]:
    columns = "1 column" if plan.contrasts == 1 else f"{plan.contrasts} columns"
    return {
        "name": plan.name,
        "title": plan.title,
        "labels": "".join(f'    "{label}",\n' for label in plan.labels),
        "features": features,
        "buckets": f"{plan.buckets:_}",
        "columns": columns,
        "weights_bytes": f"{plan.buckets * plan.contrasts * 2:,}",
        "freedom": FREEDOM,
        "contrasts": plan.contrasts,
        "objectives": '{"alarm": BestF1()}' if plan.alarm else "dict.fromkeys(LABELS, BestF1())",
        "alarm": _text("alarm.toml", {"labels": _listed(plan.alarm)}) if plan.alarm else "",
        "text_max_chars": limits.LONG_TEXT_MAX_CHARS,
    }


def _listed(labels: Sequence[str]) -> str:
    return f"[{', '.join(_quoted(labels))}]"


def _quoted(labels: Sequence[str]) -> Iterator[str]:
    return (f'"{label}"' for label in labels)


def _text(name: str, values: Mapping[str, object]) -> str:
    return Template((_TEXTS / f"{name}.txt").read_text(encoding="utf-8")).substitute(values)
