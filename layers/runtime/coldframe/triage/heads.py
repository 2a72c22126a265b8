"""What was learned of a knowledge base: heads on embeddings and on words, and how evidence is mixed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from coldframe.errors import MalformedArtifact
from coldframe.linear import FEATURES, LinearText
from coldframe.npz import ArraySpec, read_npz
from coldframe.triage.document import VERDICTS, Document
from coldframe.triage.vectors import WHOLE_MAX, check_made_by, texts_digest

HEADS = "heads.npz"


@dataclass(frozen=True)
class Mix:
    """What each piece of evidence weighs; fitted on texts that the heads had not seen.

    problem: a phrasing's similarity, the category's log-probability; then what all is multiplied by.
    category: head on the embedding, on words, known problems, description. verdict: the first three, and
    signals. scope: best problem's score, head on the embedding, on words, and 1.
    """

    problem: tuple[float, ...]
    category: tuple[float, ...]
    verdict: tuple[float, ...]
    scope: tuple[float, ...]


SIZES = {"problem": 3, "category": 4, "verdict": 4, "scope": 4}


@dataclass(frozen=True)
class Scores:
    """What the heads say of one text: logits of each problem, category and verdict, and of being in scope."""

    problems: list[float]
    categories: list[float]
    verdicts: list[float]
    scope: float


class Heads:
    """Rows of whole numbers times a scale each, as `Vectors` are, plus a bias.

    Those of the problems come first, then categories, verdicts and scope.
    """

    def __init__(
        self,
        document: Document,
        rows: NDArray[np.int16],
        scale: NDArray[np.float64],
        bias: NDArray[np.float64],
    ) -> None:
        """rows: (heads, size); scale, bias: (heads,). `MalformedArtifact` when sums could be inexact."""
        self._rows = rows.astype(np.float32)
        if len(rows) and np.linalg.norm(self._rows.astype(np.float64), axis=1).max() > WHOLE_MAX:
            raise MalformedArtifact(f"a head's row is longer than {WHOLE_MAX}")
        if not (np.isfinite(scale).all() and np.isfinite(bias).all()):
            raise MalformedArtifact("the heads' scale and bias must be finite numbers")
        self._scale, self._bias = scale, bias
        self._ends = np.cumsum(head_counts(document)).tolist()
        self.size: int = rows.shape[1]

    def scores(self, vector: NDArray[np.float32]) -> Scores:
        """Score an embedding (size,)."""
        logits = ((self._rows @ vector) * self._scale + self._bias).tolist()
        problems, categories, verdicts, _ = self._ends
        return Scores(
            logits[:problems], logits[problems:categories], logits[categories:verdicts], logits[verdicts]
        )


class WordHeads:
    """The same for categories, verdicts and scope, of the words as they stand."""

    def __init__(self, document: Document, linear: LinearText) -> None:
        self._categories = len(document.categories)
        self._linear = linear

    def scores(self, texts: Sequence[str]) -> list[Scores]:
        """Score texts; the last category and the last verdict are the reference, whose logit is 0."""
        return list(map(self._of, self._linear.logits(texts)))

    def _of(self, logits: list[float]) -> Scores:
        behind = self._categories - 1
        verdicts = logits[behind:-1]
        return Scores([], [*logits[:behind], 0.0], [*verdicts, 0.0] if verdicts else [], logits[-1])


@dataclass(frozen=True)
class Learned:
    """The content of heads.npz."""

    heads: Heads
    words: WordHeads
    mix: Mix

    @classmethod
    def open(cls, data: bytes, document: Document, made_by: bytes) -> Self:
        """Read heads.npz. Raises `MalformedArtifact` when it is none, of another document or encoder."""
        count, columns = sum(head_counts(document)), word_columns(document)
        arrays = read_npz(
            data,
            {
                "rows": ArraySpec(np.int16, (count, None)),
                "scale": ArraySpec(np.float64, (count,)),
                "bias": ArraySpec(np.float64, (count,)),
                "weights": ArraySpec(np.float16, (None, columns)),
                "slope": ArraySpec(np.float64, (columns,)),
                "offset": ArraySpec(np.float64, (columns,)),
                "made_by": ArraySpec(np.uint8, (32,)),
                "made_of": ArraySpec(np.uint8, (32,)),
                **{name: ArraySpec(np.float64, (size,)) for name, size in SIZES.items()},
            },
        )
        check_made_by(arrays["made_by"], made_by, HEADS)
        if arrays["made_of"].tobytes() != taught_digest(document):
            raise MalformedArtifact(
                f"{HEADS} was learned of another knowledge base: coldframe kb build makes it again"
            )
        if not all(np.isfinite(arrays[name]).all() for name in SIZES):
            raise MalformedArtifact(f"the mix of {HEADS} must be finite numbers")
        linear = LinearText(arrays["weights"], arrays["slope"], arrays["offset"], features=FEATURES["words"])
        return cls(
            Heads(document, arrays["rows"], arrays["scale"], arrays["bias"]),
            WordHeads(document, linear),
            Mix(**{name: tuple(arrays[name].tolist()) for name in SIZES}),
        )


def taught_digest(document: Document) -> bytes:
    """Return the SHA-256 that stands for what heads are fitted to: texts, and what is true of them."""
    true = [(one.category, one.automation, str(len(one.phrasings))) for one in document.problems]
    words = [word for facts in true for word in facts]
    return texts_digest([*document.labels, *words, *document.texts, *document.out_of_scope])


def head_counts(document: Document) -> tuple[int, int, int, int]:
    """How many heads there are on the embedding: of problems, categories, verdicts, scope."""
    verdicts = len(VERDICTS) if document.judges else 0
    return len(document.problems), len(document.categories), verdicts, 1


def word_columns(document: Document) -> int:
    """How many there are on words: of categories and verdicts one less each, the last being the reference."""
    verdicts = len(VERDICTS) - 1 if document.judges else 0
    return len(document.categories) - 1 + verdicts + 1
