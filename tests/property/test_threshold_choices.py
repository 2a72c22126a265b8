"""Whatever the rows, the threshold is the one that trying every score finds."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.forge.threshold.bootstrap import best
from models.forge.threshold.choose import choose
from models.forge.threshold.objectives import (
    BestF1,
    BestFBeta,
    LeastCost,
    Objective,
    PrecisionAtRecall,
)
from models.forge.threshold.sweep import sweep

Rows = tuple[NDArray[np.bool_], NDArray[np.float64]]

positive = st.floats(0.1, 10)
OBJECTIVES: list[st.SearchStrategy[Any]] = [
    st.just(BestF1()),
    st.builds(BestFBeta, positive),
    st.builds(LeastCost, positive, positive),
    st.builds(PrecisionAtRecall, st.floats(0.01, 1)),
]


@st.composite
def rows(draw: st.DrawFn) -> Rows:
    """20 rows of either kind and a few more, with few scores or many, far apart or touching."""
    labels = [True] * 20 + [False] * 20 + draw(st.lists(st.booleans(), max_size=20))
    score = draw(
        st.sampled_from([st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(0, 1), st.integers(0, 1000)])
    )
    scores = draw(st.lists(score, min_size=len(labels), max_size=len(labels)))
    scale = 1e-6 if all(isinstance(one, int) for one in scores) else 1.0
    return np.array(labels), np.round(np.array(scores, float) * scale, 6 if scale < 1 else 17)


def rating(objective: Objective, labels: NDArray[np.bool_], flagged: NDArray[np.bool_]) -> float:
    """What an objective should say of one threshold, from the rows and in plain words."""
    found, alarms = int((labels & flagged).sum()), int((~labels & flagged).sum())
    missed = int(labels.sum()) - found
    match objective:
        case LeastCost(miss, false_alarm):
            return -(miss * missed + false_alarm * alarms)
        case PrecisionAtRecall(recall):
            return found / (found + alarms) if found / (found + missed) >= recall else -np.inf
        case BestFBeta(beta):
            squared = beta**2
        case _:
            squared = 1.0
    return (1 + squared) * found / ((1 + squared) * found + squared * missed + alarms)


@pytest.mark.parametrize("objectives", OBJECTIVES)
@settings(max_examples=60)
@given(st.data())
def test_no_score_makes_a_better_threshold(
    objectives: st.SearchStrategy[Objective], data: st.DataObject
) -> None:
    labels, scores = data.draw(rows())
    objective = data.draw(objectives)
    swept = sweep(labels, scores)
    place = int(best(objective.merit(swept.counts)))
    ratings = {float(score): rating(objective, labels, scores >= score) for score in scores}
    highest = max(ratings.values())
    assert ratings[float(swept.scores[place])] == pytest.approx(highest, rel=1e-12)
    for score, rated in ratings.items():  # of equals the lowest, unless rounding tells them apart
        assert rated < highest or score >= swept.scores[place] or rated == pytest.approx(highest, rel=1e-12)


@settings(max_examples=100)
@given(rows())
def test_every_place_has_a_value_that_flags_just_its_rows(given_rows: Rows) -> None:
    labels, scores = given_rows
    swept = sweep(labels, scores)
    for place, score in enumerate(swept.scores):
        at = swept.at(swept.value(place))
        assert at.flagged == (scores >= score).sum() == (scores >= swept.value(place)).sum()
        assert at.true_positive == (labels & (scores >= score)).sum()
        assert at.rows == len(labels)
        assert at.positives == labels.sum()


@settings(max_examples=30)
@given(rows(), st.sampled_from([BestF1(), LeastCost(20.0, 1.0), PrecisionAtRecall(0.7)]), st.randoms())
def test_order_changes_nothing_and_a_monotone_change_of_scores_no_count(
    given_rows: Rows, objective: Objective, random: Any
) -> None:
    labels, scores = given_rows
    found = choose("x", labels, scores, objective)
    low, high = found.interval
    assert low <= found.value <= high
    order = list(range(len(labels)))
    random.shuffle(order)
    assert choose("x", labels[order], scores[order], objective) == found
    halved = choose("x", labels, scores / 2 + 0.25, objective)
    if len(np.unique(scores / 2 + 0.25)) == len(np.unique(scores)):
        assert halved.at_value == found.at_value
