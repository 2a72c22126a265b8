"""Linear heads of a knowledge base, by logistic regression (scikit-learn's, with an L2 penalty)."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from coldframe.triage.document import VERDICTS
from models.forge.knowledge.examples import NOWHERE, Examples

# The freedom of the weights (scikit-learn's C), by cross-validation over whole problems of the ticket
# knowledge base; that of problems by CLINC150's training rows.
FREEDOM_OF_PROBLEMS, FREEDOM_OF_CATEGORIES, FREEDOM_OF_WORDS = 30.0, 3.0, 0.2
STEPS_MAX_COUNT = 60
ABSENT = -20.0  # the logit of what has no example
_FEW_SAMPLES = "The number of unique classes is greater than 50% of the number of samples"


@dataclass(frozen=True)
class Head:
    """weights (inputs, outputs), bias (outputs,)."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def logits(self, inputs: Any) -> NDArray[np.float64]:
        """(texts, outputs)."""
        return np.asarray(inputs @ self.weights) + self.bias


@dataclass(frozen=True)
class FittedHeads:
    """What is fitted to examples. Those on words have one column for each class; scope has one."""

    problems: Head
    categories: Head
    verdicts: Head
    scope: Head
    word_categories: Head
    word_verdicts: Head
    word_scope: Head


def fit_heads(examples: Examples, problems: int, categories: int, *, judges: bool) -> FittedHeads:
    """Fit all heads to examples of so many problems and categories."""
    inside = examples.take(examples.inside)
    verdicts = len(VERDICTS) if judges else 0
    rarity = _rarity(examples.windows)
    words = sp.csr_array(inside.windows @ sp.diags_array(rarity))
    all_words = sp.csr_array(examples.windows @ sp.diags_array(rarity))
    scope = examples.inside.astype(int)
    return FittedHeads(
        _fit(inside.vectors, inside.problems, problems, FREEDOM_OF_PROBLEMS),
        _fit(inside.vectors, inside.categories, categories, FREEDOM_OF_CATEGORIES),
        _fit(inside.vectors, inside.verdicts, verdicts, FREEDOM_OF_CATEGORIES),
        _one(_fit(examples.vectors, scope, 2, FREEDOM_OF_CATEGORIES, even=True)),
        _scaled(_fit(words, inside.categories, categories, FREEDOM_OF_WORDS), rarity),
        _scaled(_fit(words, inside.verdicts, verdicts, FREEDOM_OF_WORDS), rarity),
        _scaled(_one(_fit(all_words, scope, 2, FREEDOM_OF_WORDS, even=True)), rarity),
    )


def _fit(
    inputs: Any, targets: NDArray[np.int64], outputs: int, freedom: float, *, even: bool = False
) -> Head:
    """Fit one head; an output without an example gets the logit ABSENT."""
    weights, bias = np.zeros((inputs.shape[1], outputs)), np.full(outputs, ABSENT)
    present = np.unique(targets[targets != NOWHERE])
    if len(present) < 2:
        bias[present] = 0.0
        return Head(weights, bias)
    model = LogisticRegression(C=freedom, max_iter=STEPS_MAX_COUNT, class_weight="balanced" if even else None)
    # On a busy machine BLAS's threads wait for each other, ten times as long.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near enough: what follows measures it
        warnings.filterwarnings("ignore", _FEW_SAMPLES, UserWarning)  # problems of one phrasing each
        model.fit(inputs, targets)
    coefficients, intercept = model.coef_, model.intercept_
    if len(present) == 2:  # one row for both
        coefficients, intercept = (
            np.vstack([-coefficients, coefficients]) / 2,
            np.array([-1, 1]) * intercept / 2,
        )
    weights[:, present], bias[present] = coefficients.T, intercept
    return Head(weights, bias)


def _one(head: Head) -> Head:
    """The logit of the second of two; 0 where only one has examples."""
    if not head.weights.any():
        return Head(head.weights[:, :1], np.zeros(1))
    return Head(head.weights[:, 1:] - head.weights[:, :1], head.bias[1:] - head.bias[:1])


def _scaled(head: Head, scale: NDArray[np.float64]) -> Head:
    return Head(head.weights * scale[:, None], head.bias)


def _rarity(windows: sp.csr_array) -> NDArray[np.float64]:
    """The inverse document frequency of each bucket: what is everywhere says little."""
    texts, buckets = windows.shape
    seen = np.bincount(windows.indices, minlength=buckets)
    return np.asarray(np.log((1 + texts) / (1 + seen)))
