"""Read an npz of plain arrays that may come from anywhere.

An npz is a zip of `.npy` files. What a header declares is compared with what the caller expects and with the
bytes that are really there before memory is taken for it, so that neither a bomb nor a lie costs more than
the file itself. Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import io
import math
import struct
import tokenize
import zipfile
from collections.abc import Mapping
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray

from coldframe.errors import MalformedArtifact
from coldframe.limits import ARRAY_MAX_BYTES

_END_OF_DIRECTORY = struct.Struct("<4s4H2LH")  # APPNOTE.TXT 4.3.16, with no comment after it
_ZIP64_LOCATOR_BYTES = 20
_DIRECTORY_ENTRY_MAX_BYTES = 512
_UNREADABLE = (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)
# What numpy lets through from a header that is no dictionary of three: it has Python's own parser read it.
_NO_HEADER = (IndexError, MemoryError, SyntaxError, TypeError, tokenize.TokenError)


class ArraySpec(NamedTuple):
    """The dtype an array must have, and its shape, with None where any length will do."""

    dtype: DTypeLike
    shape: tuple[int | None, ...]


def read_npz(data: bytes, expected: Mapping[str, ArraySpec]) -> dict[str, NDArray[Any]]:
    """The arrays of an npz, read-only: exactly those that `expected` names.

    Raises MalformedArtifact when the file is not a zip of stored (not compressed) `.npy` members, when a name
    is missing, unknown or there twice, and when an array has another dtype or shape than expected, holds
    objects, exceeds ARRAY_MAX_BYTES, or declares a size that its bytes do not have.
    """
    _check_directory(data, len(expected))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_names([member.filename for member in archive.infolist()], expected)
            return {name: _read_member(archive, name, spec) for name, spec in expected.items()}
    except _UNREADABLE as error:
        raise MalformedArtifact(f"not a readable npz: {error}") from error


def _check_directory(data: bytes, members: int) -> None:
    """Bound the directory before zipfile makes an object of each of its entries."""
    end = data[-_END_OF_DIRECTORY.size :]
    if len(end) < _END_OF_DIRECTORY.size or end[:4] != b"PK\x05\x06":
        raise MalformedArtifact("not an npz: it does not end like a zip file")
    if data[-len(end) - _ZIP64_LOCATOR_BYTES : -len(end)].startswith(b"PK\x06\x07"):
        raise MalformedArtifact("the npz has a zip64 directory, which arrays of this size never need")
    directory_bytes = _END_OF_DIRECTORY.unpack(end)[5]
    if directory_bytes > members * _DIRECTORY_ENTRY_MAX_BYTES:
        raise MalformedArtifact(f"the npz has a directory of {directory_bytes} bytes for {members} arrays")


def _check_names(members: list[str], expected: Mapping[str, ArraySpec]) -> None:
    if sorted(members) != sorted(f"{name}.npy" for name in expected):
        raise MalformedArtifact(f"the npz holds {sorted(members)}, expected the arrays {sorted(expected)}")


def _read_member(archive: zipfile.ZipFile, name: str, spec: ArraySpec) -> NDArray[Any]:
    member = archive.getinfo(f"{name}.npy")
    if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
        raise MalformedArtifact(f"array {name!r} is compressed; save it with numpy.savez")
    with archive.open(member) as file:
        shape, dtype = _read_header(file, name)
        _check_spec(name, shape, dtype, spec)
        if math.prod(shape) * dtype.itemsize != member.file_size - file.tell():
            raise MalformedArtifact(f"array {name!r} declares the shape {shape} and has other bytes")
        return np.frombuffer(file.read(), dtype).reshape(shape)


def _read_header(file: IO[bytes], name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
    if npy.read_magic(file) != (1, 0):
        raise MalformedArtifact(f"array {name!r} is not in version 1.0 of the npy format")
    try:
        shape, fortran_order, dtype = npy.read_array_header_1_0(file)
    except _NO_HEADER as error:
        raise MalformedArtifact(f"array {name!r} has a header that cannot be read: {error!r}") from error
    if fortran_order:
        raise MalformedArtifact(f"array {name!r} is in Fortran order; save numpy.ascontiguousarray of it")
    return shape, dtype


def _check_spec(name: str, shape: tuple[int, ...], dtype: np.dtype[Any], spec: ArraySpec) -> None:
    if dtype != np.dtype(spec.dtype):
        raise MalformedArtifact(f"array {name!r} is {dtype}, expected {np.dtype(spec.dtype)}")
    fits = len(shape) == len(spec.shape) and all(
        length >= 0 and wanted in (None, length) for length, wanted in zip(shape, spec.shape, strict=True)
    )
    if not fits:
        raise MalformedArtifact(f"array {name!r} has the shape {shape}, expected {spec.shape}")
    if math.prod(shape) * dtype.itemsize > ARRAY_MAX_BYTES:
        raise MalformedArtifact(f"array {name!r} of shape {shape} exceeds {ARRAY_MAX_BYTES} bytes")
