"""Labelled texts made up on the spot, which look Japanese or English: tests train on nothing else."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from models.forge.rows import Rows

_WORDS = {
    "positive": ["良い", "最高", "大好き", "美味しい", "満足"],
    "neutral": ["普通", "まあまあ", "それなり", "平均的"],
    "negative": ["悪い", "最低", "嫌い", "不味い", "不満"],
}
_THINGS = ["商品", "映画", "部屋", "料理", "対応", "音", "色", "本"]
_ENDS = ["です", "でした", "と思います", "だ。", "！", "かな"]

# Words that nobody says, so that nothing here can hurt.
_FAMILIES = {
    "hate": ["glorpish", "drakkled", "snarvic", "vorgoth"],
    "offensive": ["blimpo", "fizzard", "wumpet", "drattly"],
    "benign": ["sunny", "gentle", "tidy", "calm"],
}
_PEOPLE = ["neighbour", "baker", "driver", "teacher", "goalkeeper", "gardener"]
_ADVERBS = ["really", "quite", "always", "never", "so", "hardly"]


def labelled_texts(count: int, labels: tuple[str, ...], seed: int = 0) -> list[tuple[str, str]]:
    """`count` different texts, each with its label; one in twelve says the opposite of its label."""
    rng = np.random.default_rng(seed)
    rows: dict[str, str] = {}
    while len(rows) < count:
        label = labels[len(rows) % len(labels)]
        said = str(rng.choice(labels)) if rng.random() < 1 / 12 else label
        things = "と".join(rng.choice(_THINGS, 3))
        text = f"{rng.integers(10_000)}番の{things}は{rng.choice(_WORDS[said])}{rng.choice(_ENDS)}"
        rows.setdefault(text, label)
    return list(rows.items())


def english_texts(count: int, labels: Sequence[str], seed: int = 0) -> list[tuple[str, str]]:
    """The same in English; labels are hate, offensive, benign, or abusive for either of the first two."""
    rng = np.random.default_rng(seed)
    rows: dict[str, str] = {}
    while len(rows) < count:
        label = labels[len(rows) % len(labels)]
        said = str(rng.choice(labels)) if rng.random() < 1 / 12 else label
        family = str(rng.choice(["hate", "offensive"])) if said == "abusive" else said
        one, other = rng.choice(_PEOPLE, 2)
        word = rng.choice(_FAMILIES[family])
        text = f"No {rng.integers(10_000)}: the {one} of my {other} is {rng.choice(_ADVERBS)} {word}"
        rows.setdefault(text, label)
    return list(rows.items())


def rows_of(
    labels: tuple[str, ...],
    targets: ArrayLike,
    *,
    candidates: ArrayLike = True,
    alarm: ArrayLike | None = None,
    texts: Sequence[str] | None = None,
) -> Rows:
    """Rows of one source; `candidates` for each label or for each row and label."""
    places = np.asarray(targets, np.int64)
    return Rows(
        labels,
        ("generated",),
        list(texts or [""] * len(places)),
        places,
        np.zeros(len(places), np.int64),
        np.broadcast_to(np.asarray(candidates, bool), (len(places), len(labels))).copy(),
        alarm=None if alarm is None else np.asarray(alarm, bool),
    )


def write_csv(path: Path, rows: list[tuple[str, str]], header: tuple[str, ...] = ("text", "label")) -> Path:
    """Write rows as UTF-8 CSV; gives the path back."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path
