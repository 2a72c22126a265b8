"""Fitting a knowledge base of any shape: few phrasings, problems of one or two, none out of scope."""

import numpy as np
import pytest
from numpy.typing import NDArray

from coldframe.triage.document import Category, Document, Problem
from models.forge.knowledge import thresholds
from models.forge.knowledge.examples import Examples, texts
from models.forge.knowledge.fitting import KNOWN, NOVEL, OUTSIDE, Fitted, fit
from models.forge.knowledge.mix import USUAL

SIZE = 24
CATEGORIES = ("tills", "mail", "pay")


def nothing(*_: object) -> None:
    """Tell nobody of the progress."""


def fitted(problems: int, phrasings: int, *, outside: int = 0) -> Fitted:
    """Fit a document whose vectors lie near those of their problems, and problems near their categories."""
    random = np.random.default_rng(3)
    document = Document(
        "made",
        tuple(Category(name, name) for name in CATEGORIES),
        tuple(
            Problem(f"p{place}", CATEGORIES[place % 3], tuple(f"{place} w{n}" for n in range(phrasings)))
            for place in range(problems)
        ),
        out_of_scope=tuple(f"other {n}" for n in range(outside)),
    )
    of_category = random.normal(size=(3, SIZE))
    of_problem = of_category[np.arange(problems) % 3] + random.normal(size=(problems, SIZE)) / 2
    near = np.repeat(of_problem, phrasings, axis=0) + random.normal(size=(problems * phrasings, SIZE)) / 5
    vectors = unit(np.vstack([near, random.normal(size=(outside, SIZE))]))
    described = unit(np.repeat(of_category, 2, axis=0))
    assert len(vectors) == len(texts(document))
    return fit(document, Examples.of(document, vectors), described, nothing)


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize(("problems", "phrasings"), [(4, 1), (400, 1), (20, 3)])
def test_what_cannot_be_measured_takes_the_usual_mix(problems: int, phrasings: int) -> None:
    made = fitted(problems, phrasings)
    assert (made.mix, made.in_scope, made.certain) == (
        USUAL,
        thresholds.USUAL_IN_SCOPE,
        thresholds.USUAL_CERTAIN,
    )
    assert made.figures == []


@pytest.mark.parametrize(("problems", "phrasings", "outside"), [(200, 2, 0), (40, 10, 60), (40, 10, 0)])
def test_what_can_be_is(problems: int, phrasings: int, outside: int) -> None:
    made = fitted(problems, phrasings, outside=outside)
    figures = {(one.dataset, one.metric): one.value for one in made.figures}
    assert figures[KNOWN, "tier 1 accuracy"] > 0.9
    assert figures[KNOWN, "tier 2 accuracy"] > 0.5
    assert figures[NOVEL, "tier 1 accuracy"] > 0.8
    assert figures[KNOWN, "kept in scope"] > 0.9
    assert ((OUTSIDE, "caught") in figures) == bool(outside)
    assert made.mix != USUAL
