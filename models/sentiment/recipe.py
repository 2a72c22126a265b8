"""How the sentiment model is made: `coldframe train sentiment --data DIR [--cv]`.

One softmax over positive, neutral and negative, fitted to all sources together. A source without neutral rows
tells only positive from negative apart and is used for no more than that.
"""

import csv
from pathlib import Path

from models.forge.linear_text import Recipe

FOLDER = Path(__file__).parent
RECIPE = Recipe(
    folder=FOLDER,
    labels=("positive", "neutral", "negative"),  # from pole to pole
    required=("positive", "negative"),
    names={
        "positive": "positive",
        "neutral": "neutral",
        "negative": "negative",
        "ポジティブ": "positive",
        "ニュートラル": "neutral",
        "ネガティブ": "negative",
        "普通": "neutral",
        "中立": "neutral",
        "1": "positive",
        "0": "negative",
    },
    buckets=240_000,  # times two columns of float16: 960,000 bytes
    freedom=((0.3, 0.4), (0.4, 0.0)),
    weights={"reviews_three_class": 3.0, "hotel_sentences": 0.3, "phrases": 0.5},
    terms={
        "reviews_binary": "repository MIT; the reviews' own terms are unstated",
        "reviews_three_class": "MARC reviews: academic research only, no republication",
        "hotel_sentences": "CC BY-NC-SA 4.0: no commercial use",
    },
    allowed="**research only**",
    extra=FOLDER / "phrases.csv",
)


def read_checks() -> list[tuple[str, str]]:
    """Short texts with the label that the shipped model should give them; none is ever trained on."""
    with (FOLDER / "checks.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["label"]) for row in csv.DictReader(file)]
