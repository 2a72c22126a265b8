"""Whatever happens to a stored npz, reading it gives arrays of the expected form or MalformedArtifact."""

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coldframe.errors import MalformedArtifact
from coldframe.npz import ArraySpec, read_npz

EXPECTED = {"weights": ArraySpec(np.float16, (None, 2)), "bias": ArraySpec(np.float64, (2,))}


def stored() -> bytes:
    file = io.BytesIO()
    np.savez(file, weights=np.ones((5, 2), np.float16), bias=np.zeros(2))
    return file.getvalue()


STORED = stored()


def read_or_refuse(data: bytes) -> None:
    try:
        arrays = read_npz(data, EXPECTED)
    except MalformedArtifact:
        return
    assert arrays["weights"].dtype == np.float16
    assert arrays["weights"].shape[1:] == (2,)
    assert arrays["bias"].dtype == np.float64
    assert arrays["bias"].shape == (2,)


@given(st.lists(st.tuples(st.integers(0, len(STORED) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_flipped_bytes(changes: list[tuple[int, int]]) -> None:
    data = bytearray(STORED)
    for place, value in changes:
        data[place] = value
    read_or_refuse(bytes(data))


@given(st.integers(0, len(STORED) - 1), st.integers(0, 60))
def test_missing_bytes(place: int, count: int) -> None:
    read_or_refuse(STORED[:place] + STORED[place + count :])


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    read_or_refuse(data)
