"""The linear predictor against scikit-learn's hashing vectorizer and logistic regression of the same size."""

import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from coldframe.linear import LinearText
from models.forge.version import read_version

ROUNDS = 15
BUCKETS = 2**18
CHARACTERS = 60  # of a text
BATCH = 1_000
ALPHABET = [chr(code) for code in (*range(0x3041, 0x3097), *range(0x30A1, 0x30FB), *range(0x4E00, 0x5200))]


def main() -> None:
    """Print the medians and the ratios."""
    console, texts = Console(), generated(BATCH)
    shipped = read_version("sentiment")
    ours = LinearText.open(shipped.files["weights.npz"], shipped.manifest.labels)
    labels = np.arange(BATCH) % len(shipped.manifest.labels)
    vectorizer = HashingVectorizer(analyzer="char", ngram_range=(1, 4), n_features=BUCKETS)
    usual = make_pipeline(vectorizer, LogisticRegression(max_iter=5)).fit(texts, labels)
    table = Table(title=f"Linear predictor, {CHARACTERS} characters a text, median of {ROUNDS} rounds")
    for heading in ("texts a call", "ours µs a text", "scikit-learn µs a text", "times faster", "wanted"):
        table.add_column(heading, justify="right")
    for count, calls, wanted in ((1, 300, 20), (BATCH, 3, 10)):
        some = texts[:count]
        mine, theirs = compare(partial(ours.predict, some), partial(usual.predict_proba, some), calls)
        table.add_row(
            f"{count:,}", f"{mine / count:.1f}", f"{theirs / count:.1f}", f"{theirs / mine:.0f}", f"{wanted}"
        )
    console.print(table)


def generated(count: int) -> list[str]:
    """Texts of random Japanese characters."""
    picks = np.random.default_rng(1).integers(len(ALPHABET), size=(count, CHARACTERS))
    return ["".join(ALPHABET[pick] for pick in row) for row in picks]


def compare(ours: Callable[[], object], usual: Callable[[], object], calls: int) -> tuple[float, float]:
    """Median microseconds a call of each, measured in turns."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in track(range(ROUNDS), "rounds"):
        for times, call in zip(spent, (ours, usual), strict=True):
            begin = time.perf_counter()
            for _ in range(calls):
                call()
            times.append((time.perf_counter() - begin) / calls * 1e6)
    return median(spent[0]), median(spent[1])


if __name__ == "__main__":
    main()
