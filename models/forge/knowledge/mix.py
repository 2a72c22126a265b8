"""How much each piece of evidence weighs: the likeliest weights, on texts that no head had seen."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_softmax

from coldframe.triage.heads import Mix
from models.forge.knowledge.unseen import Unseen, Weights

# Of the ticket knowledge base, rounded: for those with too few phrasings to fit one. Without examples of what
# is out of scope, a ticket is in scope from a similarity of about 0.3 on.
USUAL = Mix(
    problem=(20.0, 0.5, 0.5),
    category=(0.3, 0.9, 0.7, 1.0),
    verdict=(0.1, 0.5, 1.0, 0.9),
    scope=(1.0, 0.0, 0.0, -6.0),
)
OUTSIDE_MIN_COUNT = 50  # texts out of scope, to learn from them
KEPT_SHARE = 0.985  # of the tickets stay in scope, at the least
_OF_PHRASING, _OF_CATEGORY = (0.0, 5.0, 10.0, 20.0, 30.0), (0.0, 0.5, 1.0)
_PENALTY = 1e-3  # keeps a weight that says nothing at 0


def fit_mix(known: Unseen, novel: Unseen, *, judges: bool) -> Mix:
    """Fit all weights; problems only to those that are known, in other words."""
    category = fit_softmax(*_both(known, novel, "categories"), USUAL.category)
    verdict = fit_softmax(*_both(known, novel, "verdicts"), USUAL.verdict) if judges else USUAL.verdict
    problem = _fit_problem(known, category)
    return Mix(problem, category, verdict, _fit_scope(problem[0], known, novel))


def fit_softmax(evidence: NDArray[np.float64], targets: NDArray[np.int64], start: Sequence[float]) -> Weights:
    """Weights, none below 0, of evidence (texts, classes, kinds) for the class of each text (texts,)."""
    rows = np.arange(len(targets))

    def loss(weights: NDArray[np.float64]) -> float:
        likelihood = log_softmax(evidence @ weights, axis=1)[rows, targets].mean()
        return float(_PENALTY * np.square(weights).sum() - likelihood)

    found = minimize(loss, np.array(start), method="L-BFGS-B", bounds=[(0, None)] * len(start))
    return tuple(found.x.tolist())


def fit_logistic(evidence: NDArray[np.float64], truth: NDArray[np.bool_]) -> Weights:
    """Weights of evidence (texts, kinds), none below 0, then a bias; either kind of texts counts half."""
    share = np.where(truth, 0.5 / max(truth.sum(), 1), 0.5 / max((~truth).sum(), 1))
    signs = np.where(truth, 1.0, -1.0)
    columns = np.hstack([evidence, np.ones((len(evidence), 1))])

    def loss(weights: NDArray[np.float64]) -> float:
        likelihood = share @ np.log(np.maximum(expit(signs * (columns @ weights)), 1e-12))
        return float(_PENALTY * np.square(weights[:-1]).sum() - likelihood)

    bounds = [(0, None)] * evidence.shape[1] + [(None, None)]
    found = minimize(loss, np.zeros(len(bounds)), method="L-BFGS-B", bounds=bounds)
    return tuple(found.x.tolist())


def _both(known: Unseen, novel: Unseen, what: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    (of_known, known_targets), (of_novel, novel_targets) = known.of(what), novel.of(what)
    return np.concatenate([of_known, of_novel]), np.concatenate([known_targets, novel_targets])


def _fit_problem(known: Unseen, category: Weights) -> Weights:
    """The two weights that find most problems; then the sharpness that makes the right ones likeliest."""
    tried = product(_OF_PHRASING, _OF_CATEGORY)
    best = max(tried, key=lambda weights: known.found(known.scores(category, *weights)).mean())
    scores = known.scores(category, *best)
    listed = known.hits.any(axis=1) & known.inside

    def loss(sharpness: float) -> float:
        return -float(log_softmax(sharpness * scores[listed], axis=1)[known.hits[listed]].mean())

    return (*best, float(minimize_scalar(loss, bounds=(0.01, 5), method="bounded").x))


def _fit_scope(of_phrasing: float, known: Unseen, novel: Unseen) -> Weights:
    evidence = np.vstack([known.scope(of_phrasing), novel.scope(of_phrasing)])
    inside = np.concatenate([known.inside, novel.inside])
    if (~inside).sum() >= OUTSIDE_MIN_COUNT:
        return fit_logistic(evidence, inside)
    return 1.0, 0.0, 0.0, -float(np.quantile(evidence[inside, 0], 1 - KEPT_SHARE))
