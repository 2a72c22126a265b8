"""The texts of a knowledge base as numbers: what heads are fitted to, what new texts are compared with."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from os import cpu_count
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from coldframe.encoder import Encoder
from coldframe.linear import FEATURES
from coldframe.triage.document import VERDICTS, Document
from models.forge.crossfit import Progress
from models.forge.softmax import count_windows

BUCKETS = 40_000  # of the heads on words: more gave nothing on 7,000 phrasings
NOWHERE = -1


@dataclass(frozen=True)
class Examples:
    """Texts with what is true of them; NOWHERE is the problem, category and verdict of those out of scope.

    vectors (texts, size), windows (texts, BUCKETS), the rest (texts,).
    """

    vectors: NDArray[np.float32]
    windows: sp.csr_array
    problems: NDArray[np.int64]
    categories: NDArray[np.int64]
    verdicts: NDArray[np.int64]

    @classmethod
    def of(cls, document: Document, vectors: NDArray[np.float32]) -> Self:
        """Take the phrasings and what is out of scope; vectors are those of `texts`."""
        counts = [len(problem.phrasings) for problem in document.problems]
        problems = np.repeat(np.arange(len(counts)), counts)
        outside = np.full(len(document.out_of_scope), NOWHERE)
        category_of, verdict_of = categories_of(document), verdicts_of(document)
        return cls(
            vectors,
            count_windows(texts(document), FEATURES["words"], BUCKETS),
            np.concatenate([problems, outside]),
            np.concatenate([category_of[problems], outside]),
            np.concatenate([verdict_of[problems], outside]),
        )

    def take(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> Self:
        """Return some of them."""
        return replace(
            self,
            vectors=self.vectors[places],
            windows=self.windows[places],
            problems=self.problems[places],
            categories=self.categories[places],
            verdicts=self.verdicts[places],
        )

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Which are in scope."""
        return np.asarray(self.problems != NOWHERE)


def categories_of(document: Document) -> NDArray[np.int64]:
    """Return the category of each problem, (problems,)."""
    return np.array([document.labels.index(problem.category) for problem in document.problems])


def verdicts_of(document: Document) -> NDArray[np.int64]:
    """Return the verdict of each problem, (problems,); NOWHERE without one."""
    found = (problem.automation for problem in document.problems)
    return np.array([VERDICTS.index(one) if one else NOWHERE for one in found])


def about(document: Document) -> list[str]:
    """Return what is said of the categories: the last of Document.texts, two of each."""
    return document.texts[-2 * len(document.categories) :]


def texts(document: Document) -> list[str]:
    """Return the phrasings in order, then what is out of scope."""
    return [*(text for problem in document.problems for text in problem.phrasings), *document.out_of_scope]


def embed(given: Sequence[str], encoder: Encoder, progress: Progress) -> NDArray[np.float32]:
    """Embed texts, each in a call of its own, on all cores: (texts, size)."""
    with ThreadPoolExecutor(cpu_count()) as pool:
        made = pool.map(lambda text: encoder.embed(text).vector, given)
        return np.array(list(_counted(made, len(given), progress)))


def _counted(
    made: Iterator[NDArray[np.float32]], count: int, progress: Progress
) -> Iterator[NDArray[np.float32]]:
    for done, vector in enumerate(made, 1):
        progress("embeddings", done, count)
        yield vector
