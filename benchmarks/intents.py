"""The engine of knowledge bases on public intents that it was not made for: CLINC150 and BANKING77."""

import time
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress as Bar
from rich.table import Table

from coldframe.encoder import Embedding, Encoder
from coldframe.triage.document import Category, Document, Problem
from coldframe.triage.evidence import Weighing, logistic
from coldframe.triage.heads import Learned
from coldframe.triage.vectors import Vectors
from models.encoder.recipe import FLOAT, FOLDER, INT8, TOKENIZER
from models.forge.crossfit import Progress
from models.forge.folds import FOLDS, stratified
from models.forge.knowledge.examples import Examples, about, embed, texts
from models.forge.knowledge.fitting import fit
from models.forge.knowledge.intents_data import Clinc, Row, read_banking, read_clinc
from models.forge.knowledge.store import heads_npz

SEED = 20_261_121
INT8_MIN, FLOAT_GAP_MAX_POINTS, KEPT_MIN, CAUGHT_MIN, BANKING_MIN = 0.955, 0.5, 0.94, 0.60, 0.92
MADE_BY = bytes(32)  # the digest of the encoder, which here is not read from a version
Vector = NDArray[np.float32]


class Answer(NamedTuple):
    """The likeliest intent, and how probably the text has one."""

    intent: str
    in_scope: float


@dataclass(frozen=True)
class Clinc150:
    """Shares of the rows of val: right at all; right and kept, and oos caught, by two thresholds."""

    right: float
    trained: tuple[float, float]
    chosen: tuple[float, float]


def main() -> None:
    """Print the figures of both."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder above tickets")
    data, console, begin = parser.parse_args().data, Console(), time.perf_counter()
    (rows, domain_of), banking = read_clinc(data), read_banking(data)
    with Bar(console=Console(stderr=True), transient=True) as bar:
        clinc = {name: on_clinc(rows, domain_of, name, shown(bar, name)) for name in (INT8, FLOAT)}
        right = on_banking(banking, shown(bar, "BANKING77"))
    say(console, clinc, right)
    console.print(f"in {time.perf_counter() - begin:.0f} s")


def shown(bar: Bar, name: str) -> Progress:
    """Show steps as bars of their own, the last one alone."""
    task = bar.add_task(name)

    def progress(step: str, done: int, total: int) -> None:
        bar.update(task, description=f"{name}: {step}", completed=done, total=total)

    return progress


def on_clinc(rows: Clinc, domain_of: Mapping[str, str], graph: str, progress: Progress) -> Clinc150:
    """Fit to train and oos_train, and answer val and oos_val."""
    document = knowledge(rows.train, domain_of, [text for text, _ in rows.oos_train])
    held = [*rows.val, *rows.oos_val]
    vectors = embedded(graph, [*texts(document), *about(document), *(text for text, _ in held)], progress)
    weighing, threshold = fitted(document, vectors, progress)
    answers = [answer(weighing, document, text, vectors[text]) for text, _ in held]
    inside, outside = answers[: len(rows.val)], answers[len(rows.val) :]
    right = np.array([one.intent == intent for one, (_, intent) in zip(inside, rows.val, strict=True)])
    scope, out_of_scope = (np.array([one.in_scope for one in of]) for of in (inside, outside))
    chosen = highest(scope[right].tolist(), ceil(KEPT_MIN * len(right)))
    by = [((right & (scope >= least)).mean(), (out_of_scope < least).mean()) for least in (threshold, chosen)]
    return Clinc150(right.mean(), *by)


def highest(scope_of_right: list[float], least_count: int) -> float:
    """The highest threshold that keeps so many of the right answers; 0 where there are not as many."""
    ranked = sorted(scope_of_right, reverse=True)
    return ranked[least_count - 1] if len(ranked) >= least_count else 0.0


def on_banking(rows: Sequence[Row], progress: Progress) -> float:
    """The share of rows whose intent is right, each by what was fitted to the other folds."""
    vectors = embedded(INT8, [text for text, _ in rows], progress)
    intents = np.array([intent for _, intent in rows])
    folds = stratified(np.unique(intents, return_inverse=True)[1], SEED)
    right = []
    for fold in range(FOLDS):
        document = knowledge([rows[place] for place in np.flatnonzero(folds != fold).tolist()], {}, [])
        vectors |= embedded(INT8, about(document), progress)
        weighing, _ = fitted(document, vectors, progress)
        held = [rows[place] for place in np.flatnonzero(folds == fold).tolist()]
        right += [answer(weighing, document, text, vectors[text]).intent == intent for text, intent in held]
    return float(np.mean(right))


def knowledge(rows: Sequence[Row], domain_of: Mapping[str, str], outside: Sequence[str]) -> Document:
    """Return a knowledge base whose problems are intents; without domains, all are of one category."""
    phrasings: dict[str, list[str]] = {}
    for text, intent in rows:
        phrasings.setdefault(intent, []).append(text)
    problems = [Problem(name, domain_of.get(name, "all"), tuple(some)) for name, some in phrasings.items()]
    categories = sorted({one.category for one in problems})
    made = (Category(name, name.replace("_", " ")) for name in categories)
    return Document("intents", tuple(made), tuple(problems), out_of_scope=tuple(outside))


def embedded(graph: str, given: Sequence[str], progress: Progress) -> dict[str, Vector]:
    """Embed texts by one of our graphs."""
    encoder = Encoder.open(str(FOLDER / graph), (FOLDER / TOKENIZER).read_bytes(), threads=1)
    return dict(zip(given, embed(given, encoder, progress), strict=True))


def fitted(document: Document, vectors: Mapping[str, Vector], progress: Progress) -> tuple[Weighing, float]:
    """Return what a version of it weighs with, stored and opened again, and its threshold of scope."""

    def of(some: Sequence[str]) -> Vector:
        return np.array([vectors[text] for text in some])

    made = fit(document, Examples.of(document, of(texts(document))), of(about(document)), progress)
    learned = Learned.open(heads_npz(made.heads, made.mix, document, MADE_BY), document, MADE_BY)
    return Weighing(document, Vectors.of(of(document.texts)), learned), made.in_scope


def answer(weighing: Weighing, document: Document, text: str, vector: Vector) -> Answer:
    """Answer as the runtime does."""
    [evidence] = weighing.weigh([text], [Embedding(vector, truncated=False)])
    return Answer(document.problems[evidence.candidates[0].place].problem, logistic(evidence.scope))


def say(console: Console, clinc: Mapping[str, Clinc150], banking: float) -> None:
    """Print the tables, and what was wanted."""
    table = Table(
        title="CLINC150: fitted to train, measured on val, 3,000 texts of 150 intents and 100 of none"
    )
    for heading in ("", "INT8", "float", "wanted"):
        table.add_column(heading, justify="right" if heading else "left")
    one, other = clinc[INT8], clinc[FLOAT]
    lines = [
        ("intent right", one.right, other.right, f"{INT8_MIN}, float within {FLOAT_GAP_MAX_POINTS} points"),
        ("right and kept, by val's threshold", one.chosen[0], other.chosen[0], f"{KEPT_MIN:.2f}"),
        ("out of scope caught, by val's threshold", one.chosen[1], other.chosen[1], f"{CAUGHT_MIN:.2f}"),
        ("right and kept, by train's threshold", one.trained[0], other.trained[0], ""),
        ("out of scope caught, by train's threshold", one.trained[1], other.trained[1], ""),
    ]
    for name, int8, floating, wanted in lines:
        table.add_row(name, f"{int8:.4f}", f"{floating:.4f}", wanted)
    console.print(table)
    console.print(f"BANKING77, {FOLDS}-fold, INT8: {banking:.4f} right (at least {BANKING_MIN} wanted)")


if __name__ == "__main__":
    main()
