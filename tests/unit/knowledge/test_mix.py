"""The weights of evidence, and thresholds: what says something weighs, what says nothing does not."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from coldframe.triage.heads import Mix
from models.forge.knowledge import thresholds
from models.forge.knowledge.evidence import Evidence
from models.forge.knowledge.examples import Examples
from models.forge.knowledge.mix import KEPT_SHARE, fit_logistic, fit_mix, fit_softmax
from models.forge.knowledge.unseen import Unseen

RANDOM = np.random.default_rng(7)
TEXTS, PROBLEMS, CATEGORIES = 600, 6, 3
CATEGORY_OF = np.arange(PROBLEMS) // 2


def unseen(*, outside: int = 100) -> Unseen:
    """Evidence of which the second kind says all, the others nothing; texts outside are near no problem."""
    problems = np.concatenate([RANDOM.integers(0, PROBLEMS, TEXTS), np.full(outside, -1)])
    inside = problems >= 0
    categories = np.where(inside, CATEGORY_OF[problems], -1)
    rows = len(problems)
    told = RANDOM.normal(0, 1, (rows, CATEGORIES, 4))
    told[inside, categories[inside], 1] += 3
    nearest = np.tile(np.arange(PROBLEMS), (rows, 1))
    similarities = RANDOM.uniform(0, 0.3, (rows, PROBLEMS))
    similarities[inside, problems[inside]] += 0.5
    windows = sp.csr_array((rows, 1))
    truth = Examples(np.zeros((rows, 1), np.float32), windows, problems, categories, categories)
    logits = np.zeros((rows, PROBLEMS))
    evidence = Evidence(told, told.copy(), np.zeros((rows, 2)), nearest, logits, similarities)
    return Unseen(evidence, truth, CATEGORY_OF)


def test_evidence_that_tells_is_what_weighs() -> None:
    known = unseen()
    weights = fit_softmax(*known.of("categories"), (1.0, 1.0, 1.0, 1.0))
    assert weights[1] > 1
    assert max(weights[0], *weights[2:]) < 0.2
    assert min(weights) >= 0


def test_a_logistic_mix_tells_inside_from_outside_also_where_one_is_rare() -> None:
    truth = np.arange(1000) < 990
    evidence = np.where(truth, 2.0, -2.0)[:, None] + RANDOM.normal(0, 0.3, (1000, 1))
    weight, bias = fit_logistic(evidence, truth)
    assert weight > 0
    assert (((evidence[:, 0] * weight + bias) > 0) == truth).all()


def test_a_mix_finds_problems_by_their_phrasings() -> None:
    known, novel = unseen(), unseen()
    mix = fit_mix(known, novel, judges=True)
    assert mix.problem[0] > 0
    assert known.found(known.scores(mix.category, *mix.problem[:2])).mean() > 0.95


@pytest.mark.parametrize("outside", [0, 100])
def test_the_threshold_keeps_the_tickets(outside: int) -> None:
    known, novel = unseen(outside=outside), unseen(outside=outside)
    mix = fit_mix(known, novel, judges=True)
    threshold = thresholds.in_scope(mix, (known, novel))
    for one in (known, novel):
        probabilities = thresholds.scope_probabilities(mix, one)
        assert (probabilities[one.inside] >= threshold).mean() >= KEPT_SHARE - 0.02
        assert (probabilities[~one.inside] < threshold).all()


def test_a_category_is_certain_above_where_it_is_mostly_wrong() -> None:
    known = unseen()
    mix = Mix((0.0, 0.0, 1.0), (0.0, 1.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0))
    assert thresholds.certain(mix, [known]) < 0.6
    shuffled = replace(known.truth, categories=RANDOM.permutation(known.truth.categories[:TEXTS]))
    shuffled = replace(shuffled, categories=np.concatenate([shuffled.categories, np.full(100, -1)]))
    wrong = Unseen(known.evidence, shuffled, CATEGORY_OF)
    assert thresholds.certain(mix, [wrong]) == 0.6
