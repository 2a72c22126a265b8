"""What disguised words cost moderation's alarm, against the same model without the normalisation of text."""

import csv
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
from rich.console import Console
from rich.progress import Progress as Bar
from rich.table import Table

from coldframe import words
from coldframe.linear import LinearText
from coldframe.unmasking import unmask
from models.forge.crossfit import Progress
from models.forge.decide import decide
from models.forge.folds import FOLDS, stratified
from models.forge.linear_text import train
from models.forge.metrics import f1, label_f1
from models.forge.rows import Rows, read_rows
from models.forge.version import Version, draft, read_version
from models.moderation.evasion import TRANSFORMS, disguise
from models.moderation.recipe import RECIPE

SEED = 20_260_711
FALL_MAX_POINTS = 5
CALL_TEXTS = 1_000  # which bounds the memory
CLEAN = "clean"


@dataclass(frozen=True)
class Kept:
    """What becomes of the kept rows: recall, precision and F1 of the alarm, and macro F1 of the labels."""

    recall: float
    precision: float
    f1: float
    macro_f1: float


Results = dict[str, Kept]  # by transform


def main() -> None:
    """Print the table, the largest fall, and what the normalisation costs."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the directory of tweets.csv")
    seen, kept = split(parser.parse_args().data / "tweets.csv")
    texts = {CLEAN: kept.texts, **{name: disguised(kept.texts, name) for name in TRANSFORMS}}
    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("fits", total=2 * (FOLDS + 1))
        results = []
        for normalise in (unmask, plain):
            # Only the normalisation differs: what is trained and judged is the product's own.
            with patch.object(words, "unmask", normalise):
                version = trained(seen, lambda *_: bar.advance(task))
                results.append({name: judge(version, kept, of_rows) for name, of_rows in texts.items()})
    say(Console(), len(kept.texts), *results)


def split(path: Path) -> tuple[Rows, Rows]:
    """Four fifths of the rows, and the fifth that is kept; no text is in both."""
    manifest = draft(RECIPE.folder, RECIPE.labels)
    rows = read_rows([path], RECIPE.labels, RECIPE.names, manifest.text_max_chars, manifest.alarm)
    folds = stratified(rows.targets, SEED)
    return rows.take(np.flatnonzero(folds != 0)), rows.take(np.flatnonzero(folds == 0))


def disguised(texts: Sequence[str], transform: str) -> list[str]:
    """Disguise all texts; each transform begins from the same seed."""
    random = Random(SEED)
    return [disguise(text, transform, random) for text in texts]


def plain(text: str) -> str:
    """Case fold, with one blank between words: what a text gets without the normalisation."""
    return " ".join(text.casefold().split())


def trained(rows: Rows, progress: Progress) -> Version:
    """Train by the recipe: features, calibration and thresholds are chosen on these rows alone."""
    with TemporaryDirectory() as name:
        data = Path(name) / "tweets.csv"
        with data.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["text", "label"])
            writer.writerows(zip(rows.texts, [rows.labels[target] for target in rows.targets], strict=True))
        train(RECIPE, data, cv=False, progress=progress, folder=Path(name) / "made")
        return read_version(RECIPE.folder.name, Path(name) / "made")


def judge(version: Version, rows: Rows, texts: Sequence[str]) -> Kept:
    """Answer texts, which say what the rows' own say, by the version's thresholds."""
    manifest = version.manifest
    model = LinearText.open(
        version.files["weights.npz"], manifest.labels, manifest.features, manifest.calibration
    )
    calls = range(0, len(texts), CALL_TEXTS)
    answers = np.concatenate([model.predict(texts[first : first + CALL_TEXTS]) for first in calls])
    values = {name: chosen["value"] for name, chosen in manifest.thresholds.items()}
    decided = decide(answers, manifest, values)
    abusive = np.isin(rows.targets, [manifest.labels.index(label) for label in manifest.alarm["labels"]])
    raised = decided.reached[manifest.alarm["name"]]
    found = (abusive & raised).sum()
    return Kept(
        recall=float(found / abusive.sum()),
        precision=float(found / raised.sum()),
        f1=f1(abusive, raised),
        macro_f1=float(label_f1(rows.targets, decided.predicted, np.arange(len(manifest.labels))).mean()),
    )


def say(console: Console, rows: int, ours: Results, without: Results) -> None:
    """Print the table, and what was wanted."""
    table = Table(title=f"Abusive among {rows:,} kept tweets, 3 words in 10 disguised")
    table.add_column("")
    for heading in (
        "with:\nrecall",
        "\nfalls by",
        "\nprecision",
        "without:\nrecall",
        "\nfalls by",
        "\nprecision",
    ):
        table.add_column(heading, justify="right")
    for name in ours:
        table.add_row(name, *cells(ours, name), *cells(without, name))
    console.print(table)
    falls = {name: fall(ours, name) for name in TRANSFORMS}
    worst = max(falls, key=falls.__getitem__)
    console.print(
        f"largest fall of recall: {falls[worst]:.1f} points, {worst} (at most {FALL_MAX_POINTS} wanted)"
    )
    console.print(f"mean fall of the {len(falls)}: {mean(falls.values()):.1f} points")
    for name, kept in (("with", ours[CLEAN]), ("without", without[CLEAN])):
        console.print(f"clean, {name} normalisation: abusive F1 {kept.f1:.4f}, macro F1 {kept.macro_f1:.4f}")


def cells(results: Results, name: str) -> tuple[str, str, str]:
    """Recall, what it falls by from clean text, and precision."""
    kept = results[name]
    return (
        f"{kept.recall:.1%}",
        "" if name == CLEAN else f"{fall(results, name):.1f}",
        f"{kept.precision:.1%}",
    )


def fall(results: Results, name: str) -> float:
    """How much less is found than in clean text, in points."""
    return 100 * (results[CLEAN].recall - results[name].recall)


if __name__ == "__main__":
    main()
