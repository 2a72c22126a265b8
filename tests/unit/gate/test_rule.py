"""The rule by figures made up: each limit from both sides, and worse is never safer."""

from dataclasses import replace
from math import nan, nextafter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.forge.gate.figures import Figures, Pair
from models.forge.gate.rule import SAFE, UNSAFE, judge
from tests.unit.gate.figures_made import GOOD, with_

LEAST = {"cosine_mean": 0.985, "cosine_p1": 0.96, "cosine_min": 0.93, "top1": 0.95}
WORDS = ("cosine, mean", "cosine, 1st percentile", "cosine, minimum", "top-1 agreement")


@pytest.mark.parametrize(("name", "words"), list(zip(LEAST, WORDS, strict=True)))
def test_agreement_may_be_at_the_limit_and_not_below(name: str, words: str) -> None:
    limit = LEAST[name]
    assert judge(with_(**{name: limit})) == (SAFE, ())
    verdict, (reason,) = judge(with_(**{name: nextafter(limit, 0)}))
    assert verdict == UNSAFE
    assert reason.startswith(f"{words}: ")
    assert f"at least {limit:g} is needed" in reason


@pytest.mark.parametrize("name", LEAST)
def test_what_is_no_number_is_unsafe(name: str) -> None:
    assert judge(with_(**{name: nan}))[0] == UNSAFE


@pytest.mark.parametrize("parent", [0.92, 0.614, 1.0])
def test_a_head_may_lose_a_hundredth(parent: float) -> None:
    assert judge(with_(tasks={"triage": Pair(parent, parent - 0.01)})) == (SAFE, ())
    assert judge(with_(tasks={"triage": Pair(parent, parent + 0.05)})) == (SAFE, ())
    verdict, (reason,) = judge(
        with_(tasks={"other": Pair(0.5, 0.5), "triage": Pair(parent, parent - 0.0101)})
    )
    assert verdict == UNSAFE
    assert reason.startswith("triage: ")


def test_an_answer_that_company_changes_is_unsafe_and_named() -> None:
    verdict, (reason,) = judge(with_(differences=("in reverse on 2 thread(s), 1 of 8 inputs",)))
    assert verdict == UNSAFE
    assert "in reverse on 2 thread(s)" in reason


def test_it_must_be_faster_at_every_size() -> None:
    assert judge(with_(latency_ms={"a": Pair(2.2, 2.0), "b": Pair(9, 1)})) == (SAFE, ())
    verdict, (reason,) = judge(with_(latency_ms={"a": Pair(9, 1), "b": Pair(2.19, 2.0)}))
    assert verdict == UNSAFE
    assert reason.startswith("latency at b: 1.095 times as fast")


def test_it_must_be_smaller() -> None:
    assert judge(with_(size_bytes=Pair(1000, 999))) == (SAFE, ())
    verdict, (reason,) = judge(with_(size_bytes=Pair(1000, 1000)))
    assert verdict == UNSAFE
    assert "not smaller" in reason


def test_opening_and_memory_are_told_and_not_judged() -> None:
    assert judge(with_(open_ms=Pair(1, 100), peak_memory_mb=Pair(1, 100))) == (SAFE, ())


def test_all_reasons_are_given_at_once() -> None:
    bad = with_(
        **dict.fromkeys(LEAST, 0.5),
        tasks={"triage": Pair(0.9, 0.5), "search": Pair(0.9, 0.5)},
        differences=("in order on 1 thread(s), 2 of 8 inputs",),
        latency_ms={"16 tokens": Pair(1, 1), "64 tokens": Pair(1, 1)},
        size_bytes=Pair(1, 2),
    )
    verdict, reasons = judge(bad)
    assert verdict == UNSAFE
    assert len(reasons) == 4 + 2 + 1 + 2 + 1


def shares(limit: float) -> st.SearchStrategy[float]:
    return st.floats(limit - 0.02, min(limit + 0.1, 1.0))


def pairs(best: float, worst: float) -> st.SearchStrategy[Pair]:
    """A parent of 1, and what the quantized one has."""
    return st.floats(best, worst).map(lambda value: Pair(1.0, value))


FIGURES: dict[str, st.SearchStrategy[Any]] = {
    **{name: shares(limit) for name, limit in LEAST.items()},
    "tasks": st.fixed_dictionaries({"triage": pairs(0.97, 1.01), "search": pairs(0.97, 1.01)}),
    "differences": st.sampled_from([(), (), (), ("in order on 1 thread(s), 1 of 8 inputs",)]),
    "latency_ms": st.fixed_dictionaries({"16": pairs(0.5, 1.0), "128": pairs(0.5, 1.0)}),
    "size_bytes": st.integers(1, 1100).map(lambda size: Pair(1000, size)),
}
HIGHER_IS_WORSE = {"latency_ms", "size_bytes"}


@given(st.builds(with_, **FIGURES), st.sampled_from(sorted(FIGURES)), st.floats(0, 0.2))
def test_worse_is_never_safer(figures: Figures, name: str, by: float) -> None:
    worse = worsened(figures, name, by)
    reasons = judge(figures)[1]
    assert len(judge(worse)[1]) >= len(reasons)
    if judge(figures)[0] == UNSAFE:
        assert judge(worse)[0] == UNSAFE


def worsened(figures: Figures, name: str, by: float) -> Figures:
    def pair(one: Pair) -> Pair:
        share = 1 + by if name in HIGHER_IS_WORSE else 1 - by
        return Pair(one.parent, one.quantized * share)

    value = getattr(figures, name)
    changed: Any
    if isinstance(value, float):
        changed = value - by
    elif isinstance(value, Pair):
        changed = pair(value)
    elif isinstance(value, dict):
        changed = {key: pair(one) for key, one in value.items()}
    else:
        changed = (*value, "in reverse on 1 thread(s), 1 of 8 inputs")
    return replace(figures, **{name: changed})


def test_the_figures_to_begin_with_are_safe() -> None:
    assert judge(GOOD) == (SAFE, ())
