"""What is measured, by vectors, callables and clocks made by hand."""

from collections.abc import Iterator
from itertools import count, cycle

import numpy as np
import pytest
from numpy.typing import NDArray

from coldframe.errors import ColdframeError, MalformedArtifact
from models.forge.gate.agreement import (
    Vectors,
    check_vectors,
    classes_kept,
    cosines,
    neighbours_kept,
)
from models.forge.gate.artifact import Artifact, Input, Run
from models.forge.gate.company import differences
from models.forge.gate.memory import peak_memory_mb
from models.forge.gate.timing import ROUNDS_COUNT, WARM_UP_ROUNDS_COUNT, latencies, opening


def vectors(*rows: list[float]) -> Vectors:
    return np.array(rows, np.float32)


def doubled(one: Input) -> NDArray[np.float32]:
    return np.asarray(one * 2, np.float32)


def artifact(run: Run = doubled, fresh: str = "") -> Artifact:
    return Artifact("made.onnx", b"made", lambda threads: run, ("-c", fresh))


def test_cosines_do_not_go_by_length() -> None:
    one = vectors([1, 0], [1, 1], [1, 0], [3, 4], [0, 0])
    other = vectors([5, 0], [1, 0], [0, 2], [-3, -4], [1, 0])
    np.testing.assert_allclose(cosines(one, other), [1, np.sqrt(0.5), 0, -1, 0], atol=1e-7)


def test_a_neighbour_that_is_almost_as_near_counts_as_kept() -> None:
    one = vectors([1, 0], [0.9, 0.1], [0.9, -0.11], [0, 1])
    swapped = vectors([1, 0], [0.9, 0.11], [0.9, -0.1], [0, 1])
    assert neighbours_kept(one, swapped) == 1
    assert neighbours_kept(one, one) == 1


def test_a_neighbour_that_is_far_is_not_kept() -> None:
    one = vectors([1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9])
    astray = vectors([1, 0], [0, 1], [0.9, 0.1], [0.1, 0.9])
    assert neighbours_kept(one, astray) == 0


def test_classes_are_kept_where_the_likeliest_is_the_same() -> None:
    one = vectors([0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.7, 0.3])
    other = vectors([0.6, 0.4], [0.6, 0.4], [0.1, 0.9], [0.9, 0.1])
    assert classes_kept(one, other) == 0.75


def test_vectors_of_other_models_and_of_no_numbers_are_refused() -> None:
    good = vectors([1, 0], [0, 1])
    check_vectors(good, good)
    with pytest.raises(MalformedArtifact, match="not of the same model"):
        check_vectors(good, vectors([1, 0, 0], [0, 1, 0]))
    with pytest.raises(MalformedArtifact, match=r"quantized artifact .* 1 of 2 inputs, first for number 1"):
        check_vectors(good, vectors([1, 0], [0, np.nan]))
    with pytest.raises(MalformedArtifact, match="float parent"):
        check_vectors(vectors([np.inf, 0], [0, 1]), good)


INPUTS = [np.array([number], np.float32) for number in range(4)]


def test_answers_that_do_not_change() -> None:
    assert differences(lambda threads: doubled, INPUTS) == ()


def test_an_answer_that_depends_on_the_one_before_it() -> None:
    def opened(threads: int) -> Run:
        before = [0.0]

        def run(one: Input) -> NDArray[np.float32]:
            answer = one + np.float32(before[0])
            before[0] = float(one[0])
            return np.asarray(answer, np.float32)

        return run

    found = differences(opened, INPUTS)
    assert [way.split(" on ")[0] for way in found[:3]] == ["in order", "in reverse", "each twice in a row"]
    assert len(found) == 6


def test_an_answer_that_is_another_the_second_time_in_a_row() -> None:
    def opened(threads: int) -> Run:
        last: list[bytes] = [b""]

        def run(one: Input) -> NDArray[np.float32]:
            again, last[0] = one.tobytes() == last[0], one.tobytes()
            return np.asarray(one + again, np.float32)

        return run

    assert [way.split(" on ")[0] for way in differences(opened, INPUTS)] == ["each twice in a row"] * 2


def test_an_answer_whose_last_bit_depends_on_the_threads() -> None:
    def opened(threads: int) -> Run:
        return lambda one: one * np.float32(1 + (threads - 1) * 2**-23)

    found = differences(opened, INPUTS)
    assert found[0] == "in order on 2 thread(s), 3 of 4 inputs"  # 0 stays 0
    assert len(found) == 3


def test_latency_is_a_median_of_turns_by_size() -> None:
    turns: list[str] = []

    def named(name: str) -> Artifact:
        return artifact(lambda one: turns.append(f"{name}{one[0]:g}") or one)  # type: ignore[func-returns-value]

    ticks = ticking([0.004, 0.001, 0.009, 0.003])
    sized = {"small": np.array([1.0]), "large": np.array([2.0])}
    seen: list[tuple[int, int]] = []
    found = latencies(
        named("p"), named("q"), sized, lambda step, done, of: seen.append((done, of)), lambda: next(ticks)
    )
    rounded = {size: tuple(round(ms, 6) for ms in both) for size, both in found.items()}
    assert rounded == {"small": (4, 1), "large": (9, 3)}
    rounds = WARM_UP_ROUNDS_COUNT + ROUNDS_COUNT
    assert turns == ["p1", "q1", "p2", "q2"] * rounds
    assert seen[-1] == (rounds, rounds)


def test_slow_first_runs_and_a_few_outliers_do_not_count() -> None:
    slow = [9.0, 9.0] * (WARM_UP_ROUNDS_COUNT + ROUNDS_COUNT // 4)
    ticks = ticking([*slow, *[0.002, 0.001] * ROUNDS_COUNT])
    sized = {"one": np.array([1.0])}
    both = latencies(artifact(), artifact(), sized, lambda *told: None, lambda: next(ticks))["one"]
    assert both == pytest.approx((2, 1))


def test_opening_is_timed_in_ms() -> None:
    ticks = count(step=0.25)
    assert opening(artifact(), lambda: next(ticks)) == 250


def ticking(durations: list[float]) -> Iterator[float]:
    """A clock that is read before and after each act, and the acts take these seconds, again and again."""
    now = 0.0
    for duration in cycle(durations):
        yield now
        now += duration
        yield now


def test_peak_memory_is_of_the_fresh_process_alone() -> None:
    ballast = np.ones(40_000_000)  # 300 MiB here, of which the other process has nothing
    small = peak_memory_mb(artifact(fresh="pass"))
    large = peak_memory_mb(artifact(fresh="held = b'x' * (100 * 1024**2)"))
    assert ballast.nbytes / 1024**2 > 300
    assert small < 100
    assert 90 < large - small < 110


def test_a_process_that_fails_is_told() -> None:
    with pytest.raises(ColdframeError, match=r"could not use made\.onnx: .*no such thing"):
        peak_memory_mb(artifact(fresh="raise SystemExit('no such thing')"))
