"""Measure a quantized artifact against its float parent."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.forge.crossfit import Progress
from models.forge.gate import timing
from models.forge.gate.agreement import Vectors, check_vectors, cosines
from models.forge.gate.artifact import Artifact, Input, Subject
from models.forge.gate.company import differences
from models.forge.gate.figures import Figures, Pair
from models.forge.gate.memory import peak_memory_mb

COMPANY_INPUTS_COUNT = 8  # a session each; with one of every size besides
_DECIMALS = 6
_HEADS = "Measuring heads"


class Measured(NamedTuple):
    """The figures, and the cosine of each input, (inputs,), for the picture."""

    figures: Figures
    cosines: NDArray[np.float64]


def measure(subject: Subject, progress: Progress) -> Measured:
    """Measure all; figures of time and memory differ from run to run, the others do not.

    Raises `MalformedArtifact` when the two do not give vectors that can be compared, and `ColdframeError`
    when a fresh process cannot use one of them.
    """
    parent, quantized = (_vectors(one, subject.inputs, progress) for one in _both(subject))
    check_vectors(parent, quantized)
    alike = cosines(parent, quantized)
    progress(_HEADS, 0, 1)
    tasks = subject.tasks(parent, quantized)
    progress(_HEADS, 1, 1)
    figures = Figures(
        inputs_count=len(subject.inputs),
        cosine_mean=_rounded(alike.mean()),
        cosine_p1=_rounded(np.percentile(alike, 1)),
        cosine_min=_rounded(alike.min()),
        top1=_rounded(subject.top1(parent, quantized)),
        tasks={name: _pair(*both) for name, both in tasks.items()},
        differences=differences(subject.quantized.open, _company(subject)),
        latency_ms={
            size: _pair(*both)
            for size, both in timing.latencies(*_both(subject), subject.sized, progress).items()
        },
        size_bytes=_pair(*(len(one.data) for one in _both(subject))),
        open_ms=_of_each(subject, timing.opening, "Opening both", progress),
        peak_memory_mb=_of_each(subject, peak_memory_mb, "Memory of both", progress),
    )
    return Measured(figures, alike)


def _vectors(artifact: Artifact, inputs: Sequence[Input], progress: Progress) -> Vectors:
    run, found = artifact.open(1), []
    for number, one in enumerate(inputs, 1):
        found.append(run(one))
        progress(f"Running {artifact.file}", number, len(inputs))
    return np.stack(found)


def _company(subject: Subject) -> list[Input]:
    step = -(-len(subject.inputs) // COMPANY_INPUTS_COUNT)
    return [*subject.inputs[::step], *subject.sized.values()]


def _both(subject: Subject) -> tuple[Artifact, Artifact]:
    return subject.parent, subject.quantized


def _of_each(subject: Subject, figure: Callable[[Artifact], float], step: str, progress: Progress) -> Pair:
    found = []
    for number, one in enumerate(_both(subject)):
        progress(step, number, 2)
        found.append(figure(one))
    progress(step, 2, 2)
    return _pair(*found)


def _pair(parent: float, quantized: float) -> Pair:
    return Pair(_rounded(parent), _rounded(quantized))


def _rounded(value: float) -> float:
    return round(float(value), _DECIMALS)
