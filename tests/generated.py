"""Labelled Japanese-looking texts made up on the spot: tests train on nothing else."""

import csv
from pathlib import Path

import numpy as np

_WORDS = {
    "positive": ["良い", "最高", "大好き", "美味しい", "満足"],
    "neutral": ["普通", "まあまあ", "それなり", "平均的"],
    "negative": ["悪い", "最低", "嫌い", "不味い", "不満"],
}
_THINGS = ["商品", "映画", "部屋", "料理", "対応", "音", "色", "本"]
_ENDS = ["です", "でした", "と思います", "だ。", "！", "かな"]


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


def write_csv(path: Path, rows: list[tuple[str, str]], header: tuple[str, ...] = ("text", "label")) -> Path:
    """Write rows as UTF-8 CSV; gives the path back."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path
