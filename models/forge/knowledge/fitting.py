"""From examples to what a version stores: heads, how evidence is mixed, and the figures of both out of fold.

Half of the tickets that mixes and thresholds are fitted to report a problem that is known in other words; of the
other half, no head has seen the problem at all. A service desk meets both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, softmax

from coldframe.triage.document import Document
from coldframe.triage.heads import Mix
from models.forge.crossfit import Progress
from models.forge.folds import FOLDS, stratified
from models.forge.knowledge.evidence import Evidence, Known, signals, weigh
from models.forge.knowledge.examples import Examples, texts
from models.forge.knowledge.heads import FittedHeads, fit_heads
from models.forge.knowledge.mix import fit_logistic, fit_softmax
from models.forge.metrics import expected_calibration_error

SEED = 20_261_121
PHRASINGS_MIN_COUNT = 400  # to fit a mix; fewer take the one below
# Of the ticket knowledge base, rounded. Without examples, a ticket is in scope from a similarity of about 0.3 on.
USUAL = Mix(
    problem=(20.0, 0.0, 0.3),
    category=(0.6, 0.5, 0.3, 3.0),
    verdict=(0.6, 0.5, 0.5, 1.5),
    scope=(1.0, 0.0, 0.0, -6.0),
)
USUAL_CERTAIN = 0.3
OUTSIDE_MIN_COUNT = 50  # texts out of scope, to learn from them
IN_SCOPE_KEPT_SHARE = 0.985  # of the tickets, at the least
CERTAIN_RIGHT_SHARE = 0.4  # of the categories below the threshold, fewer are right
_OF_PHRASING, _OF_CATEGORY = (0.0, 5.0, 10.0, 20.0, 30.0), (0.0, 0.5, 1.0)
_GRID = np.arange(0.1, 0.61, 0.05)


@dataclass(frozen=True)
class Fitted:
    """What a version stores, and how good it was on texts that it had not seen: {data: {metric: value}}."""

    heads: FittedHeads
    mix: Mix
    in_scope: float
    certain: float
    figures: dict[str, dict[str, float]]


@dataclass(frozen=True)
class _Unseen:
    """Evidence on texts that no head has seen, with what is true of them."""

    evidence: Evidence
    truth: Examples


def fit(document: Document, examples: Examples, described: NDArray[np.float32], progress: Progress) -> Fitted:
    """Fit all to the examples of the document; described: (2 * categories, size), as Document.texts has them."""
    fit_on = _fitter(document, examples)
    heads = fit_on(np.ones(len(examples.problems), np.bool_))
    if examples.inside.sum() < PHRASINGS_MIN_COUNT:
        progress("heads", 1, 1)
        return Fitted(heads, USUAL, 0.5, USUAL_CERTAIN, {})
    said = signals(document, texts(document))
    known, novel = (
        _out_of_fold(
            document,
            examples,
            described,
            said,
            folds,
            fit_on,
            lambda done, base=base: progress("folds", base + done, 2 * FOLDS),
        )
        for base, folds in ((0, _by_text(examples)), (FOLDS, _by_problem(examples)))
    )
    mix = _mix(document, known, novel)
    in_scope, caught = _in_scope(mix, known, novel)
    certain = _certain(mix, known, novel)
    figures = {
        "problems in other words": _figures(document, mix, known),
        "problems left out whole": _figures(document, mix, novel, tier_2=False),
    }
    if caught is not None:
        figures["texts out of scope"] = {"caught": caught}
    return Fitted(heads, mix, in_scope, certain, figures)


def _fitter(document: Document, examples: Examples) -> Callable[[NDArray[np.bool_]], FittedHeads]:
    counts = len(document.problems), len(document.categories)
    return lambda seen: fit_heads(examples.take(seen), *counts, document.judges)


def _by_text(examples: Examples) -> NDArray[np.int64]:
    return stratified(examples.problems, SEED)


def _by_problem(examples: Examples) -> NDArray[np.int64]:
    """Whole problems; what is out of scope, one by one."""
    of_problem = stratified(np.zeros(examples.problems.max() + 1, np.int64), SEED)
    return np.where(examples.inside, of_problem[examples.problems], _by_text(examples))


def _out_of_fold(
    document: Document,
    examples: Examples,
    described: NDArray[np.float32],
    said: NDArray[np.float64],
    folds: NDArray[np.int64],
    fit_on: Callable[[NDArray[np.bool_]], FittedHeads],
    progress: Callable[[int], None],
) -> _Unseen:
    parts, places = [], []
    for fold in range(FOLDS):
        held = np.flatnonzero(folds == fold)
        known = Known(document, examples.take(folds != fold), described)
        parts.append(weigh(known, fit_on(folds != fold), examples.take(held), said[held]))
        places.append(held)
        progress(fold + 1)
    fields = Evidence.__dataclass_fields__
    joined = Evidence(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in fields})
    return _Unseen(joined, examples.take(np.concatenate(places)))


def _mix(document: Document, known: _Unseen, novel: _Unseen) -> Mix:
    category = fit_softmax(*_inside(known, novel, "categories"), USUAL.category)
    verdict = (
        fit_softmax(*_inside(known, novel, "verdicts"), USUAL.verdict) if document.judges else USUAL.verdict
    )
    problem = _problem_mix(document, known, category)
    return Mix(problem, category, verdict, _scope_mix(problem[0], known, novel))


def _inside(known: _Unseen, novel: _Unseen, what: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The evidence on both kinds of tickets, and what is true."""
    evidence = [getattr(one.evidence, what)[one.truth.inside] for one in (known, novel)]
    targets = [getattr(one.truth, what)[one.truth.inside] for one in (known, novel)]
    return np.concatenate(evidence), np.concatenate(targets)


def _problem_mix(
    document: Document, known: _Unseen, category: tuple[float, ...]
) -> tuple[float, float, float]:
    """What finds most problems that are known in other words; then the sharpness that makes them likeliest."""

    def found(weights: tuple[float, float]) -> float:
        return _hits(_scores(document, known, category, *weights), known).any(axis=1).mean()

    best = max(product(_OF_PHRASING, _OF_CATEGORY), key=found)
    scores, hits = (
        _scores(document, known, category, *best),
        _hits(_scores(document, known, category, *best), known, first=False),
    )
    listed = hits.any(axis=1) & known.truth.inside

    def loss(sharpness: float) -> float:
        return -float(log_softmax(sharpness * scores[listed], axis=1)[hits[listed]].mean())

    return (*best, float(minimize_scalar(loss, bounds=(0.01, 5), method="bounded").x))


def _scores(
    document: Document, unseen: _Unseen, category: tuple[float, ...], of_phrasing: float, of_category: float
) -> NDArray[np.float64]:
    """(texts, K) of the nearest problems."""
    evidence = unseen.evidence
    of = Known(document, unseen.truth, np.zeros((0, 0), np.float32)).category_of
    likely = log_softmax(evidence.categories @ category, axis=1)
    return (
        evidence.logits
        + of_phrasing * evidence.similarities
        + of_category * np.take_along_axis(likely, of[evidence.nearest], axis=1)
    )


def _hits(scores: NDArray[np.float64], unseen: _Unseen, *, first: bool = True) -> NDArray[np.bool_]:
    """Which of the nearest problems are right, (texts, K); of them all, or only where it is the best."""
    right = unseen.evidence.nearest == unseen.truth.problems[:, None]
    return right & (scores == scores.max(axis=1, keepdims=True)) if first else right


def _alike(of_phrasing: float, unseen: _Unseen) -> NDArray[np.float64]:
    return (unseen.evidence.logits + of_phrasing * unseen.evidence.similarities).max(axis=1, keepdims=True)


def _scope_evidence(of_phrasing: float, unseen: _Unseen) -> NDArray[np.float64]:
    return np.hstack([_alike(of_phrasing, unseen), unseen.evidence.scope])


def _scope_mix(of_phrasing: float, known: _Unseen, novel: _Unseen) -> tuple[float, ...]:
    both = np.vstack([_scope_evidence(of_phrasing, one) for one in (known, novel)])
    inside = np.concatenate([one.truth.inside for one in (known, novel)])
    if (~inside).sum() >= OUTSIDE_MIN_COUNT:
        return fit_logistic(both, inside)
    return 1.0, 0.0, 0.0, -float(np.quantile(both[inside, 0], 1 - IN_SCOPE_KEPT_SHARE))


def _scope_probabilities(mix: Mix, unseen: _Unseen) -> NDArray[np.float64]:
    return np.asarray(expit(_scope_evidence(mix.problem[0], unseen) @ mix.scope[:-1] + mix.scope[-1]))


def _in_scope(mix: Mix, known: _Unseen, novel: _Unseen) -> tuple[float, float | None]:
    """The threshold that keeps IN_SCOPE_KEPT_SHARE, 0.5 at the most; and the share caught of what is outside."""
    probabilities = np.concatenate([_scope_probabilities(mix, one) for one in (known, novel)])
    inside = np.concatenate([one.truth.inside for one in (known, novel)])
    threshold = round(float(min(np.quantile(probabilities[inside], 1 - IN_SCOPE_KEPT_SHARE), 0.5)), 4)
    caught = float((probabilities[~inside] < threshold).mean()) if (~inside).any() else None
    return threshold, caught


def _certain(mix: Mix, known: _Unseen, novel: _Unseen) -> float:
    """The confidence below which fewer than CERTAIN_RIGHT_SHARE of the categories are right; 0 if there is none."""
    evidence, targets = _inside(known, novel, "categories")
    logits = evidence @ mix.category
    confidence, right = softmax(logits, axis=1).max(axis=1), logits.argmax(axis=1) == targets
    fits = [
        limit
        for limit in _GRID
        if (below := confidence < limit).any() and right[below].mean() < CERTAIN_RIGHT_SHARE
    ]
    return round(float(max(fits, default=0.0)), 2)


def _figures(document: Document, mix: Mix, unseen: _Unseen, *, tier_2: bool = True) -> dict[str, float]:
    inside, evidence, truth = unseen.truth.inside, unseen.evidence, unseen.truth
    shares = softmax(evidence.categories[inside] @ mix.category, axis=1)
    figures = {
        "tier 1 accuracy": float((shares.argmax(axis=1) == truth.categories[inside]).mean()),
        "tier 1 ece_15_bins": expected_calibration_error(truth.categories[inside], shares),
    }
    if tier_2:
        scores = _scores(document, unseen, mix.category, *mix.problem[:2])
        figures["tier 2 accuracy"] = float(_hits(scores, unseen).any(axis=1)[inside].mean())
    if document.judges:
        verdicts = softmax(evidence.verdicts[inside] @ mix.verdict, axis=1)
        figures["tier 3 accuracy"] = float((verdicts.argmax(axis=1) == truth.verdicts[inside]).mean())
        figures["tier 3 ece_15_bins"] = expected_calibration_error(truth.verdicts[inside], verdicts)
    return figures
