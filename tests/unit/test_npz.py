"""An npz from anywhere: what is read, what is refused, and how much memory a refusal takes."""

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from numpy.lib import format as npy

from coldframe.errors import MalformedArtifact
from coldframe.npz import ArraySpec, read_npz

EXPECTED = {"weights": ArraySpec(np.float16, (None, 2)), "bias": ArraySpec(np.float64, (2,))}
WEIGHTS = np.arange(6, dtype=np.float16).reshape(3, 2)
BIAS = np.array([0.5, -1.0])


def saved(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def npy_bytes(shape: object, payload: bytes, descr: object = "<f2") -> bytes:
    file = io.BytesIO()
    npy.write_array_header_1_0(file, {"descr": descr, "fortran_order": False, "shape": shape})
    return file.getvalue() + payload


def zipped(*members: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, payload in members:
            archive.writestr(name, payload)
    return file.getvalue()


def with_weights(payload: bytes) -> bytes:
    return zipped(("weights.npy", payload), ("bias.npy", npy_bytes((2,), BIAS.tobytes(), "<f8")))


@contextmanager
def at_most(peak_bytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] <= peak_bytes
    finally:
        tracemalloc.stop()


def test_reads_what_numpy_saves() -> None:
    arrays = read_npz(saved(weights=WEIGHTS, bias=BIAS), EXPECTED)
    assert sorted(arrays) == ["bias", "weights"]
    np.testing.assert_array_equal(arrays["weights"], WEIGHTS)
    np.testing.assert_array_equal(arrays["bias"], BIAS)
    assert not arrays["weights"].flags.writeable


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"weights": WEIGHTS}, "expected the arrays"),
        ({"weights": WEIGHTS, "bias": BIAS, "extra": BIAS}, "expected the arrays"),
        ({"weights": WEIGHTS.astype(np.float32), "bias": BIAS}, "'weights' is float32, expected float16"),
        ({"weights": WEIGHTS.astype(">f2"), "bias": BIAS}, "'weights' is >f2"),
        ({"weights": WEIGHTS.T, "bias": BIAS}, "Fortran order"),
        ({"weights": np.zeros((2, 3), np.float16), "bias": BIAS}, r"shape \(2, 3\), expected \(None, 2\)"),
        ({"weights": WEIGHTS, "bias": np.zeros((2, 1))}, r"shape \(2, 1\), expected \(2,\)"),
        ({"weights": np.array([[{}, {}]]), "bias": BIAS}, "'weights' is object"),
    ],
)
def test_refuses_other_arrays(arrays: dict[str, object], message: str) -> None:
    with pytest.raises(MalformedArtifact, match=message):
        read_npz(saved(**arrays), EXPECTED)


def test_refuses_an_array_over_the_limit_whose_bytes_are_there() -> None:
    with pytest.raises(MalformedArtifact, match="exceeds 64000000 bytes"):
        read_npz(saved(weights=np.zeros((16_000_001, 2), np.float16), bias=BIAS), EXPECTED)


@pytest.mark.parametrize(
    "shape", [(10**12, 2), (10**30, 2), (4, 2), (2, 2), (-3, 2), (0, 2), (3.0, 2), (True, 2), "3,2", ()]
)
def test_refuses_a_header_that_lies_in_bounded_memory(shape: object) -> None:
    data = with_weights(npy_bytes(shape, WEIGHTS.tobytes()))
    with at_most(500_000), pytest.raises(MalformedArtifact):
        read_npz(data, EXPECTED)


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr':'<f2','fortran_order':False,'shape':(3,2)",
        b"'''",
        b"  a\n b\n  c",
        b"{[]: 1}",
        b"{1: 2, 'a': 3}",
        b"{'descr':('<f2',),'fortran_order':False,'shape':(3,2)}",
        b"[" * 9_000,
        b"-" * 9_000 + b"1",
    ],
)
def test_refuses_a_header_that_is_none(header: bytes) -> None:
    member = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header) + 1) + header + b"\n" + WEIGHTS.tobytes()
    with pytest.raises(MalformedArtifact):
        read_npz(with_weights(member), EXPECTED)


def test_refuses_a_compressed_bomb_in_bounded_memory() -> None:
    bomb = npy_bytes((10_000_000, 2), bytes(40_000_000))
    data = zipped(("weights.npy", bomb), ("bias.npy", b""), compression=zipfile.ZIP_DEFLATED)
    assert len(data) < 100_000
    with at_most(1_000_000), pytest.raises(MalformedArtifact, match="compressed"):
        read_npz(data, EXPECTED)


def test_refuses_a_compressed_member_that_is_called_stored() -> None:
    member = ("weights.npy", npy_bytes((3, 2), bytes(12)))
    data = zipped(member, ("bias.npy", b""), compression=zipfile.ZIP_DEFLATED)
    directory = data.index(b"PK\x01\x02")
    lie = data[: directory + 10] + struct.pack("<H", zipfile.ZIP_STORED) + data[directory + 12 :]
    with pytest.raises(MalformedArtifact):
        read_npz(lie, EXPECTED)


def test_refuses_a_member_that_declares_more_bytes_than_the_file_has() -> None:
    data = saved(weights=WEIGHTS, bias=BIAS)
    directory = data.index(b"PK\x01\x02")
    lie = data[: directory + 20] + struct.pack("<LL", 3 * 10**9, 3 * 10**9) + data[directory + 28 :]
    with at_most(500_000), pytest.raises(MalformedArtifact):
        read_npz(lie, EXPECTED)


def test_refuses_a_large_directory_in_bounded_memory() -> None:
    data = zipped(*[(f"{number}.npy", b"") for number in range(20_000)])
    with at_most(500_000), pytest.raises(MalformedArtifact, match="directory"):
        read_npz(data, EXPECTED)


def test_refuses_a_zip64_directory() -> None:
    data = saved(weights=WEIGHTS, bias=BIAS)
    with pytest.raises(MalformedArtifact, match="zip64"):
        read_npz(data[:-22] + b"PK\x06\x07" + bytes(16) + data[-22:], EXPECTED)


def test_refuses_a_name_that_is_there_twice() -> None:
    member = npy_bytes((2,), BIAS.tobytes(), "<f8")
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(("bias.npy", member), ("bias.npy", member))
    with pytest.raises(MalformedArtifact, match="expected the arrays"):
        read_npz(data, EXPECTED)


class Boom:
    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return pytest.fail, ("the pickle was run",)


def test_never_runs_a_pickle() -> None:
    data = saved(weights=np.array([Boom()], object), bias=BIAS)
    with pytest.raises(MalformedArtifact):
        read_npz(data, EXPECTED)
    with pytest.raises(MalformedArtifact):
        read_npz(data, {"weights": ArraySpec(object, (1,)), **EXPECTED})


@pytest.mark.parametrize("data", [b"", b"PK", b"\x93NUMPY", b"x" * 1_000, b"PK\x05\x06" + bytes(18)])
def test_refuses_what_is_no_zip(data: bytes) -> None:
    with pytest.raises(MalformedArtifact):
        read_npz(data, EXPECTED)


def test_refuses_a_later_version_of_the_format() -> None:
    member = bytearray(npy_bytes((3, 2), WEIGHTS.tobytes()))
    member[6] = 2
    with pytest.raises(MalformedArtifact, match="version"):
        read_npz(with_weights(bytes(member)), EXPECTED)
