"""What the gate measures of the encoder: texts of the service desk, and a classifier of embeddings."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tokenizers import Tokenizer

from coldframe.encoder import Encoder
from coldframe.errors import ColdframeError
from models.encoder.recipe import FLOAT, INT8, TOKENIZER
from models.forge.gate.agreement import Vectors, nearest_neighbours
from models.forge.gate.artifact import Artifact, Run, Subject

KNOWLEDGE = Path(__file__).parents[1] / "tickets" / "knowledge.yaml"
TASK = "accuracy of categories"
EVERY = 4  # about 900 phrasings of 3,900: a minute is too long to wait for what they add
SIZES_TOKENS = (16, 64, 128)
FOLDS = 5

# As a function opens it: from bytes, with its own runtime alone.
_FRESH = """
import sys
from pathlib import Path
from coldframe.encoder import Encoder
graph, tokenizer = (Path(name).read_bytes() for name in sys.argv[1:])
Encoder.open(graph, tokenizer, 1).embed("The till does not open.")
"""


class Texts(NamedTuple):
    """Texts and the category of each."""

    texts: Sequence[str]
    categories: Sequence[str]


def read_texts(knowledge: Path, every: int) -> Texts:
    """Read every so many of the phrasings of a knowledge base's problems, with their categories.

    Raises `ColdframeError` when they are too few of some category to be cross-validated.
    """
    problems = yaml.safe_load(knowledge.read_text(encoding="utf-8"))["problems"]
    pairs = [(text, one["category"]) for one in problems for text in one["phrasings"]][::every]
    texts, categories = [text for text, _ in pairs], [category for _, category in pairs]
    fewest = min(map(categories.count, set(categories)), default=0)
    if fewest < FOLDS or len(set(categories)) < 2:
        raise ColdframeError(
            f"{knowledge}: one phrasing in {every} is read, and of those the rarest category has {fewest}; "
            f"two categories are needed, and {FOLDS} phrasings of each."
        )
    return Texts(texts, categories)


def subject(folder: Path, texts: Texts) -> Subject:
    """Return the INT8 graph of a folder and its float parent, to be measured on these texts.

    Inputs are tokens (1, tokens); those of a size are cut from the texts one after the other.
    """
    tokenizer = Tokenizer.from_buffer((folder / TOKENIZER).read_bytes())
    inputs = [np.array([tokenizer.encode(text).ids]) for text in texts.texts]
    line = np.concatenate(inputs, axis=1)
    return Subject(
        parent=_artifact(folder, FLOAT),
        quantized=_artifact(folder, INT8),
        inputs=inputs,
        sized={f"{size} tokens": np.ascontiguousarray(line[:, :size]) for size in SIZES_TOKENS},
        top1=nearest_neighbours,
        tasks=partial(_tasks, texts.categories),
    )


def _artifact(folder: Path, file: str) -> Artifact:
    graph, tokenizer = (folder / file).read_bytes(), (folder / TOKENIZER).read_bytes()

    def opened(threads: int) -> Run:
        return Encoder.open(graph, tokenizer, threads).run

    fresh = ("-c", _FRESH, str(folder / file), str(folder / TOKENIZER))
    return Artifact(file, graph, opened, fresh)


def _tasks(
    categories: Sequence[str], parent: Vectors, quantized: Vectors
) -> Mapping[str, tuple[float, float]]:
    return {TASK: (_accuracy(parent, categories), _accuracy(quantized, categories))}


def _accuracy(vectors: NDArray[np.float32], categories: Sequence[str]) -> float:
    """Accuracy of a logistic regression that tells the categories apart, by stratified cross-validation.

    The phrasings of a problem stand together, so that most are in one fold.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    classifier = LogisticRegression(C=10, max_iter=1000)
    with threadpool_limits(1):  # on a busy machine BLAS's threads wait for each other, ten times as long
        return float(cross_val_score(classifier, vectors, np.array(categories), cv=FOLDS).mean())
