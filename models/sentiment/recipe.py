"""How the sentiment model is made: `coldframe train sentiment --data DIR [--cv]`.

One softmax over positive, neutral and negative, fitted to all sources together. A source without neutral rows
tells only positive from negative apart and is used for no more than that.
"""

import csv
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.forge import card
from models.forge.calibrate import calibrate
from models.forge.crossfit import Progress, nested_probabilities, out_of_fold
from models.forge.csv_file import UnusableRows
from models.forge.figures import OWN_ROWS, Figure, figures
from models.forge.folder import make_writable
from models.forge.folds import stratified
from models.forge.quantize import Parity, parity, to_npz
from models.forge.rows import Rows, read_rows
from models.forge.softmax import Linear, count_windows, fit
from models.forge.version import text_max_chars

FOLDER = Path(__file__).parent
PHRASES = FOLDER / "phrases.csv"
LABELS = ("positive", "neutral", "negative")  # from pole to pole
NAMES_OF_LABELS = {
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
}
SOURCE_TERMS = {
    "reviews_binary": "repository MIT; the reviews' own terms are unstated",
    "reviews_three_class": "MARC reviews: academic research only, no republication",
    "hotel_sentences": "CC BY-NC-SA 4.0: no commercial use",
}
SEED = 20_240_501
BUCKETS = 240_000  # times two columns of float16: 960,000 bytes
SOURCE_WEIGHTS = {
    "reviews_three_class": 3.0,
    "hotel_sentences": 0.3,
    "phrases": 0.5,
}  # of one row; 1 for other sources
POLE_SCALE, POLE_SCALE_BY_RATIO, OTHER_SCALE = 0.3, 0.4, 0.4  # of the penalty; the larger, the weaker it is
_MADE_WITH = ("numpy", "scipy")


@dataclass(frozen=True)
class Trained:
    """What a training run made. figures is empty unless it cross-validated."""

    labels: tuple[str, ...]
    rows: int
    sources: tuple[str, ...]
    weights_bytes: int
    figures: list[Figure]
    parity: Parity
    warnings: list[str]


def train(data: Path, *, cv: bool, progress: Progress, folder: Path = FOLDER) -> Trained:
    """Train on a CSV file, or on all in a directory, and write what it makes to `folder`.

    Columns text and label; labels as in NAMES_OF_LABELS. Writes weights.npz, metrics.json and card.md. With
    `cv`, measure by nested cross-validation as well, which takes three times as long. The same rows give the
    same bytes. Raises UnusableFolder and UnusableRows, naming the fix.
    """
    make_writable(folder)
    paths = csv_files(data)
    rows = read_rows(paths, LABELS, NAMES_OF_LABELS, extra=PHRASES, max_chars=text_max_chars(FOLDER.name))
    _check_poles(rows)
    features = count_windows(rows.texts, BUCKETS)
    row_weights = weigh(rows)

    def fit_on(places: NDArray[np.int64]) -> Linear:
        seen = rows.take(places)
        return fit(features[places], seen, row_weights[places], penalty_scale(features[places], seen))

    folds = stratified(rows.sources * len(rows.labels) + rows.targets, SEED)
    logits = out_of_fold(features, folds, fit_on, progress)
    measured: list[Figure] = []
    if cv:
        held_out = nested_probabilities(features, rows, row_weights, folds, logits, fit_on, progress)
        measured = figures(rows, held_out, {path.stem for path in paths}, SOURCE_TERMS)
    calibration = calibrate(logits, rows, row_weights)
    model = fit_on(np.arange(len(rows.texts)))
    progress("model", 1, 1)
    stored = to_npz(model, calibration)
    exact = calibration.probabilities(model.logits(features))
    trained = Trained(
        labels=rows.labels,
        rows=len(rows.texts),
        sources=tuple(name for name in rows.source_names if name != PHRASES.stem),
        weights_bytes=len(stored),
        figures=measured,
        parity=parity(stored, rows.labels, rows.texts, exact),
        warnings=rows.warnings,
    )
    _write(folder, stored, trained)
    return trained


def terms_of(sources: Sequence[str]) -> str:
    """One line that a reader of the card cannot miss: what the sources' terms allow."""
    stated = [f"{name}: {SOURCE_TERMS.get(name, OWN_ROWS)}" for name in sources]
    if SOURCE_TERMS.keys().isdisjoint(sources):
        return f"yours ({'; '.join(stated)})."
    return f"**research only** ({'; '.join(stated)}). For anything else, retrain on your own rows (below)."


def csv_files(data: Path) -> list[Path]:
    """The CSV files that `data` names: itself, or those in the directory. UnusableRows when there is none."""
    if not data.exists():
        raise UnusableRows(f"{data} does not exist.")
    if data.is_file():
        return [data]
    found = sorted(data.glob("*.csv"))
    if not found:
        raise UnusableRows(f"{data}: no CSV file there. Name a CSV file or a directory that holds one.")
    return found


def _check_poles(rows: Rows) -> None:
    for pole in (LABELS[0], LABELS[-1]):
        if pole not in rows.labels:
            raise UnusableRows(
                f"No row is {pole!r}: rows of both poles are needed; without neutral ones it works."
            )


def weigh(rows: Rows) -> NDArray[np.float64]:
    """The weight of each row, (rows,), 1 on average."""
    weights = np.array([SOURCE_WEIGHTS.get(name, 1.0) for name in rows.source_names])[rows.sources]
    return np.asarray(weights / weights.mean())


def penalty_scale(features: sp.csr_array, rows: Rows) -> NDArray[np.float64]:
    """How freely each bucket's weights may grow, (buckets, labels - 1).

    By inverse document frequency; and from pole to pole, the more so the more the bucket's rows lean to one
    pole (the log-count ratio of Wang and Manning 2012, "Baselines and Bigrams", ACL).
    """
    present = features.astype(bool).astype(np.float64)
    rarity = np.log((1 + len(rows.texts)) / (1 + present.sum(axis=0)))
    positive = 1 + present[rows.targets == 0].sum(axis=0)
    negative = 1 + present[rows.targets == len(rows.labels) - 1].sum(axis=0)
    ratio = np.abs(np.log(positive / positive.sum()) - np.log(negative / negative.sum()))
    others = [OTHER_SCALE * rarity] * (len(rows.labels) - 2)
    return np.stack([(POLE_SCALE + POLE_SCALE_BY_RATIO * ratio) * rarity, *others], axis=1)


def _write(folder: Path, stored: bytes, trained: Trained) -> None:
    (folder / "weights.npz").write_bytes(stored)
    metrics = {
        "labels": trained.labels,
        "rows": trained.rows,
        "terms": terms_of(trained.sources),
        "figures": [figure._asdict() for figure in trained.figures],
        "parity": trained.parity._asdict(),
        "made_with": {"python": platform.python_version(), **{name: version(name) for name in _MADE_WITH}},
    }
    (folder / "metrics.json").write_text(
        json.dumps(metrics, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    card.write_card(
        folder / "card.md",
        FOLDER / "card.md",
        terms_of(trained.sources),
        card.Facts(trained.labels, trained.rows, trained.weights_bytes),
        trained.figures,
        trained.parity,
        studied=set(trained.sources) == SOURCE_TERMS.keys(),
    )


def read_checks() -> list[tuple[str, str]]:
    """Short texts with the label that the shipped model should give them; none is ever trained on."""
    with (FOLDER / "checks.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["label"]) for row in csv.DictReader(file)]
