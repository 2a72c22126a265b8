"""Rows of numbers as bytes, float32 and little-endian: what is hashed of a row, and scored."""

import struct
from collections.abc import Sequence


def pack(row: Sequence[float]) -> bytes:
    """Return a row's bytes, each number as the nearest float32. Raises `OverflowError` for one beyond it."""
    return struct.pack(f"<{len(row)}f", *row)


def unpack(row: bytes) -> list[float]:
    """Return the numbers of a row: `pack` gives the same bytes for them."""
    return list(struct.unpack(f"<{len(row) // 4}f", row))
