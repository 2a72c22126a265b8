"""How a linear text model is made, from rows to the files of a version: what the recipes of this kind share.

rows → features → out-of-fold logits → calibration → thresholds → the model of all rows → npz, figures, card
"""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from random import Random

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from coldframe.linear import FEATURES
from coldframe.manifest import Manifest
from models.forge import card, pictures
from models.forge.calibrate import Choice, calibrate
from models.forge.crossfit import Progress, out_of_fold, out_of_two_folds
from models.forge.csv_file import UnusableRows
from models.forge.decide import choose_thresholds, decide, joined
from models.forge.figures import OWN_ROWS, Figure, figures
from models.forge.folder import make_writable
from models.forge.folds import FOLDS, stratified
from models.forge.misspell import misspell
from models.forge.quantize import Parity, parity, to_npz
from models.forge.rows import Rows, read_rows
from models.forge.softmax import Linear, contrasts, count_windows, fit, penalty_scale
from models.forge.threshold.choose import Threshold
from models.forge.threshold.objectives import Objective
from models.forge.version import draft

SEED = 20_240_501
_MADE_WITH = ("numpy", "scipy", "scikit-learn")


@dataclass(frozen=True)
class Recipe:
    """What one model's making differs in. The rest, such as alarm and outcomes, is in its model.toml.

    `labels` in an order of which softmax.contrasts tells; `required` of them must have rows. `names` maps
    what may stand in the label column, case folded, to a label or the alarm. `freedom` is the penalty's, one
    pair a contrast. `objectives` choose a threshold for each label, or the alarm, that they name. `terms` and
    `weights` of a row go by source; other sources are the trainer's own, and weigh 1. `allowed` says what the
    terms together allow. `misspelt` is the share of a row's weight that goes to a copy with letters left out.
    `extra` rows are always trained on, and never measured on.
    """

    folder: Path
    labels: tuple[str, ...]
    names: Mapping[str, str]
    buckets: int
    freedom: Sequence[tuple[float, float]]
    required: tuple[str, ...]
    objectives: Mapping[str, Objective] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    allowed: str = ""
    misspelt: float = 0.0
    extra: Path | None = None


@dataclass(frozen=True)
class Trained:
    """What a training run made. figures is empty unless it cross-validated."""

    labels: tuple[str, ...]
    rows: int
    sources: tuple[str, ...]
    weights_bytes: int
    figures: list[Figure]
    calibration: Choice
    thresholds: dict[str, Threshold]
    parity: Parity
    warnings: list[str]


def train(recipe: Recipe, data: Path, *, cv: bool, progress: Progress, folder: Path) -> Trained:
    """Train on a CSV file, or on all in a directory, and write what it makes to `folder`.

    Columns text and label. Writes weights.npz, metrics.json, card.md and, where thresholds are chosen, their
    pictures. With `cv`, measure by nested cross-validation as well, which takes three times as long. The same
    rows give the same bytes. Raises UnusableFolder, UnusableRows and NoThreshold, naming the fix.
    """
    make_writable(folder)
    run = _Run.begin(recipe, data, progress)
    logits = out_of_fold(run.features, run.folds, run.fit_on, progress)
    chosen = calibrate(logits, run.rows, run.row_weights)
    seen = chosen.calibration.probabilities(logits)
    thresholds = choose_thresholds(run.rows, seen, run.manifest, recipe.objectives)
    measured = run.measure(logits) if cv else []
    model = run.fit_on(np.arange(len(run.rows.texts)))
    progress("model", 1, 1)
    stored = to_npz(model, chosen.calibration)
    exact = chosen.calibration.probabilities(model.logits(run.features))
    manifest = replace(run.manifest, calibration=chosen.calibration.kind)
    trained = Trained(
        labels=run.rows.labels,
        rows=len(run.rows.texts),
        sources=run.sources,
        weights_bytes=len(stored),
        figures=measured,
        calibration=chosen,
        thresholds={name: threshold for name, (threshold, _, _) in thresholds.items()},
        parity=parity(stored, manifest, run.rows.texts, exact),
        warnings=run.rows.warnings,
    )
    (folder / "weights.npz").write_bytes(stored)
    for name, of_rows in thresholds.items():
        pictures.write(folder / "pictures", name, pictures.draw(*of_rows))
    _write(recipe, trained, folder)
    return trained


@dataclass(frozen=True)
class _Run:
    """What the steps of one training run share. `misspelt` are the features of the rows' copies."""

    recipe: Recipe
    manifest: Manifest
    rows: Rows
    features: sp.csr_array
    misspelt: sp.csr_array
    row_weights: NDArray[np.float64]
    folds: NDArray[np.int64]
    progress: Progress

    @classmethod
    def begin(cls, recipe: Recipe, data: Path, progress: Progress) -> "_Run":
        """Read the rows, and count what they are made of."""
        paths, manifest = csv_files(data), draft(recipe.folder, recipe.labels)
        max_chars = manifest.text_max_chars
        rows = read_rows(paths, recipe.labels, recipe.names, max_chars, manifest.alarm, recipe.extra)
        _check_required(recipe, rows)
        manifest = replace(manifest, labels=rows.labels)
        of, random = FEATURES[manifest.features], Random(SEED)  # noqa: S311 - no secret hangs on it
        features = count_windows(rows.texts, of, recipe.buckets)
        copies = features
        if recipe.misspelt:
            copies = count_windows([misspell(text, random) for text in rows.texts], of, recipe.buckets)
        folds = stratified(rows.strata, SEED)
        return cls(recipe, manifest, rows, features, copies, weigh(recipe, rows), folds, progress)

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of those that are measured: all but the extra rows."""
        extra = self.recipe.extra
        return tuple(name for name in self.rows.source_names if extra is None or name != extra.stem)

    def fit_on(self, places: NDArray[np.int64]) -> Linear:
        """Fit to some of the rows."""
        seen, features, weights = self.rows.take(places), self.features[places], self.row_weights[places]
        alarm = [] if seen.alarm is None else np.flatnonzero(seen.alarm).tolist()
        basis = contrasts(len(seen.labels), alarm)
        scale = penalty_scale(features, seen, basis, self.recipe.freedom[: basis.shape[1]])
        if share := self.recipe.misspelt:
            features = sp.vstack([features, self.misspelt[places]], format="csr")
            seen = self.rows.take(np.tile(places, 2))
            weights = np.concatenate([(1 - share) * weights, share * weights])
        return fit(features, seen, weights, scale, basis)

    def measure(self, logits: NDArray[np.float64]) -> list[Figure]:
        """Figures of what is decided of each fold by what was fitted, calibrated and chosen on the others."""
        inner = out_of_two_folds(self.features, self.folds, self.fit_on, self.progress)
        parts = []
        for fold in range(FOLDS):
            rest, held = np.flatnonzero(self.folds != fold), np.flatnonzero(self.folds == fold)
            seen = self.rows.take(rest)
            calibration = calibrate(inner[fold, rest], seen, self.row_weights[rest]).calibration
            probabilities = calibration.probabilities(inner[fold, rest])
            thresholds = choose_thresholds(seen, probabilities, self.manifest, self.recipe.objectives)
            values = {name: threshold.value for name, (threshold, _, _) in thresholds.items()}
            parts.append((held, decide(calibration.probabilities(logits[held]), self.manifest, values)))
        alarm = self.manifest.alarm.get("name")
        return figures(self.rows, joined(parts), alarm, self.sources, self.recipe.terms)


def terms_of(recipe: Recipe, sources: Sequence[str]) -> str:
    """One line that a reader of the card cannot miss: what the sources' terms allow."""
    stated = [f"{name}: {recipe.terms.get(name, OWN_ROWS)}" for name in sources]
    if recipe.terms.keys().isdisjoint(sources):
        return f"yours ({'; '.join(stated)})."
    return f"{recipe.allowed} ({'; '.join(stated)}). For anything else, retrain on your own rows (below)."


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


def weigh(recipe: Recipe, rows: Rows) -> NDArray[np.float64]:
    """The weight of each row, (rows,), 1 on average."""
    weights = np.array([recipe.weights.get(name, 1.0) for name in rows.source_names])[rows.sources]
    return np.asarray(weights / weights.mean())


def _check_required(recipe: Recipe, rows: Rows) -> None:
    for label in recipe.required:
        if label not in rows.labels:
            needed = ", ".join(recipe.required)
            raise UnusableRows(f"No row is {label!r}: rows of each of these are needed: {needed}.")


def _write(recipe: Recipe, trained: Trained, folder: Path) -> None:
    terms = terms_of(recipe, trained.sources)
    metrics = {
        "labels": trained.labels,
        "rows": trained.rows,
        "terms": terms,
        "figures": [figure._asdict() for figure in trained.figures],
        "calibration": trained.calibration.as_dict(),
        "thresholds": {name: threshold.as_dict() for name, threshold in trained.thresholds.items()},
        "parity": trained.parity._asdict(),
        "made_with": {"python": platform.python_version(), **{name: version(name) for name in _MADE_WITH}},
    }
    written = json.dumps(metrics, indent=2, ensure_ascii=False)
    (folder / "metrics.json").write_text(written + "\n", encoding="utf-8")
    facts = card.Facts(trained.labels, trained.rows, trained.weights_bytes)
    card.write_card(
        folder / "card.md",
        recipe.folder / "card.md",
        {
            "terms": card.terms(terms),
            "facts": card.facts(facts),
            "figures": card.figures(trained.figures, trained.calibration, trained.parity),
            "thresholds": card.thresholds(trained.thresholds),
        },
        studied=set(trained.sources) == recipe.terms.keys(),
    )
