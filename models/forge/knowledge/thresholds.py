"""From which probability on a text is in scope, and its category certain; chosen out of fold."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from coldframe.triage.heads import Mix
from models.forge.knowledge.mix import KEPT_SHARE
from models.forge.knowledge.unseen import Unseen

RIGHT_SHARE = 0.4  # of the categories below the threshold fewer are right
USUAL_IN_SCOPE, USUAL_CERTAIN = 0.5, 0.3
_GRID = np.arange(0.1, 0.61, 0.05)


def in_scope(mix: Mix, unseen: Sequence[Unseen]) -> float:
    """The threshold that keeps KEPT_SHARE of the tickets; 0.5 at the most."""
    inside = np.concatenate([scope_probabilities(mix, one)[one.inside] for one in unseen])
    return round(float(min(np.quantile(inside, 1 - KEPT_SHARE), 0.5)), 4)


def certain(mix: Mix, unseen: Sequence[Unseen]) -> float:
    """The largest confidence below which fewer than RIGHT_SHARE of categories are right; 0 without one."""
    shares = np.concatenate([category_shares(mix, one) for one in unseen])
    right = shares.argmax(axis=1) == np.concatenate([one.of("categories")[1] for one in unseen])
    below = [(float(limit), shares.max(axis=1) < limit) for limit in _GRID]
    fits = [limit for limit, rows in below if rows.any() and right[rows].mean() < RIGHT_SHARE]
    return round(max(fits, default=0.0), 2)


def scope_probabilities(mix: Mix, unseen: Unseen) -> NDArray[np.float64]:
    """How probably each text is in scope, (texts,)."""
    *weights, bias = mix.scope
    return np.asarray(expit(unseen.scope(mix.problem[0]) @ np.array(weights) + bias))


def category_shares(mix: Mix, unseen: Unseen) -> NDArray[np.float64]:
    """The probabilities of the categories, (texts in scope, categories)."""
    return np.asarray(softmax(unseen.of("categories")[0] @ np.array(mix.category), axis=1))
