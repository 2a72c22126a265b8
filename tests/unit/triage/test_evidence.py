import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldframe.triage.evidence import Evidence, Weighing, dot, log_shares, logistic, shares
from coldframe.triage.heads import Learned
from tests.made_knowledge import (
    CONTENT,
    IN_SCOPE,
    LABELS,
    OUT_OF_SCOPE,
    PROBLEMS,
    document,
    encoder,
    heads,
    made_by,
    vectors,
)

LOGITS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20)


def weigh(text: str, **other: Any) -> Evidence:
    learned = Learned.open(heads(**other), document(), made_by())
    return Weighing(document(), vectors(), learned).weigh([text], [encoder().embed(text)])[0]


@given(LOGITS)
def test_shares_are_of_one_and_their_logarithms_agree(logits: list[float]) -> None:
    made = shares(logits)
    assert math.isclose(sum(made), 1, rel_tol=1e-12)
    for share, logarithm in zip(made, log_shares(logits), strict=True):
        assert math.isclose(share, math.exp(logarithm), rel_tol=1e-6, abs_tol=1e-300)


@given(st.floats(allow_nan=False))
def test_a_logistic_is_a_probability(logit: float) -> None:
    assert 0 <= logistic(logit) <= 1
    assert (logistic(logit) >= 0.5) == (logit >= 0) or math.isclose(logistic(logit), 0.5)


def test_products_are_added_from_left_to_right() -> None:
    assert dot((1.0, 1.0, 1.0), (1e16, 1.0, -1e16)) == 0.0
    with pytest.raises(ValueError, match="zip"):
        dot((1.0,), (1.0, 2.0))


@pytest.mark.parametrize("problem", CONTENT["problems"], ids=lambda problem: problem["problem"])
def test_a_phrasing_is_nearest_to_its_own_problem(problem: dict[str, Any]) -> None:
    for phrasing in problem["phrasings"]:
        evidence = weigh(phrasing)
        best = evidence.candidates[0]
        assert PROBLEMS[best.place] == problem["problem"]
        assert best.similarity == pytest.approx(1, abs=0.02)
        assert LABELS[evidence.categories.index(max(evidence.categories))] == problem["category"]
        assert evidence.scope > 0


def test_candidates_are_all_there_and_fall_in_score() -> None:
    candidates = weigh(IN_SCOPE).candidates
    assert sorted(one.place for one in candidates) == list(range(6))
    scores = [one.score for one in candidates]
    assert scores == sorted(scores, reverse=True)


def test_a_similarity_is_that_of_the_nearest_phrasing() -> None:
    embedding = encoder().embed(IN_SCOPE)
    similar = vectors().similarities(slice(None), embedding.vector).tolist()
    for one in weigh(IN_SCOPE).candidates:
        assert one.similarity == max(similar[2 * one.place : 2 * one.place + 2])


def test_each_weight_of_a_mix_weighs_what_it_is_of() -> None:
    zeros = {"category": np.zeros(4), "verdict": np.zeros(4), "scope": np.zeros(4)}
    evidence = weigh(IN_SCOPE, **zeros)
    assert (evidence.categories, evidence.verdicts, evidence.scope) == ([0.0] * 3, [0.0] * 3, 0.0)
    similar = vectors().similarities(slice(12, None), encoder().embed(IN_SCOPE).vector).tolist()
    described = weigh(IN_SCOPE, **zeros | {"category": np.array([0.0, 0.0, 0.0, 2.0])}).categories
    assert described == [2 * max(similar[at : at + 2]) for at in (0, 2, 4)]
    signalled = {"verdict": np.array([0.0, 0.0, 0.0, 3.0])}
    assert weigh("reset it", **zeros | signalled).verdicts == [3.0, 0.0, 0.0]
    assert weigh(IN_SCOPE, **zeros | {"scope": np.array([0.0, 0.0, 0.0, -7.0])}).scope == -7.0


def test_the_category_tells_among_problems_that_are_alike() -> None:
    of_accounts = {
        "bias": np.array([0.0] * 6 + [0.0, 50.0, 0.0] + [0.0] * 4),
        "category": np.array([1.0, 0.0, 0.0, 0.0]),
        "problem": np.array([0.0, 1.0, 1.0]),
    }
    assert PROBLEMS[weigh(IN_SCOPE).candidates[0].place] == "Printer jams"
    place = weigh(IN_SCOPE, **of_accounts).candidates[0].place
    assert CONTENT["problems"][place]["category"] == "Accounts"


def test_what_is_unlike_everything_is_out_of_scope() -> None:
    assert weigh(OUT_OF_SCOPE).scope < 0 < weigh(IN_SCOPE).scope
