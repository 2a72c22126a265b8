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
from models.forge.gate.agreement import Vectors, neighbours_kept
from models.forge.gate.artifact import Artifact, Run, Subject

KNOWLEDGE = Path(__file__).parents[1] / "tickets" / "knowledge.yaml"
HEADS = {"category": "accuracy of categories", "automation": "accuracy of verdicts"}
EVERY = 1  # all 7,200 phrasings: on 900, chance alone moved a head by 0.014
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
    """Texts, and for each of HEADS what it has to tell of each."""

    texts: Sequence[str]
    targets: Mapping[str, Sequence[str]]


def read_texts(knowledge: Path, every: int) -> Texts:
    """Read every so many of the phrasings of a knowledge base's problems, with what heads tell of them.

    Raises `ColdframeError` when they are too few of some kind to be cross-validated.
    """
    problems = yaml.load(knowledge.read_bytes(), yaml.CSafeLoader)["problems"]
    pairs = [(text, one) for one in problems for text in one["phrasings"]][::every]
    targets = {key: [one[key] for _, one in pairs] for key in HEADS}
    for key, values in targets.items():
        fewest = min(map(values.count, set(values)), default=0)
        if fewest < FOLDS or len(set(values)) < 2:
            raise ColdframeError(
                f"{knowledge}: one phrasing in {every} is read, and of those the rarest {key} has {fewest}; "
                f"two are needed, and {FOLDS} phrasings of each."
            )
    return Texts([text for text, _ in pairs], targets)


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
        top1=neighbours_kept,
        tasks=partial(_tasks, texts.targets),
    )


def _artifact(folder: Path, file: str) -> Artifact:
    graph, tokenizer = (folder / file).read_bytes(), (folder / TOKENIZER).read_bytes()

    def opened(threads: int) -> Run:
        return Encoder.open(graph, tokenizer, threads).run

    fresh = ("-c", _FRESH, str(folder / file), str(folder / TOKENIZER))
    return Artifact(file, graph, opened, fresh)


def _tasks(
    targets: Mapping[str, Sequence[str]], parent: Vectors, quantized: Vectors
) -> Mapping[str, tuple[float, float]]:
    return {
        name: (_accuracy(parent, targets[key]), _accuracy(quantized, targets[key]))
        for key, name in HEADS.items()
    }


def _accuracy(vectors: NDArray[np.float32], targets: Sequence[str]) -> float:
    """Accuracy of a logistic regression that tells the targets apart, by stratified cross-validation.

    The phrasings of a problem stand together, so that most are in one fold.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    classifier = LogisticRegression(C=10, max_iter=1000)
    with threadpool_limits(1):  # on a busy machine BLAS's threads wait for each other, ten times as long
        return float(cross_val_score(classifier, vectors, np.array(targets), cv=FOLDS).mean())
