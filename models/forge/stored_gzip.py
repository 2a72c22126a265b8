"""A gzip file that is stored, not compressed: the same bytes on every machine, whatever its zlib.

Source: RFC 1952 (gzip) and RFC 1951, 3.2.4 (stored blocks).
"""

import struct
import zlib
from typing import BinaryIO

_HEADER = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255))  # deflate, no name, no time, unknown system
_LAST_EMPTY_BLOCK = bytes((1, 0, 0, 0xFF, 0xFF))
_BLOCK_MAX_BYTES = 0xFFFF


class StoredGzip:
    """Write to `file` with `write`, then `close`, which leaves `file` open."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._crc, self._size = file, 0, 0
        file.write(_HEADER)

    def write(self, data: bytes) -> None:
        for start in range(0, len(data), _BLOCK_MAX_BYTES):
            block = data[start : start + _BLOCK_MAX_BYTES]
            self._file.write(struct.pack("<BHH", 0, len(block), len(block) ^ 0xFFFF) + block)
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)

    def close(self) -> None:
        self._file.write(_LAST_EMPTY_BLOCK + struct.pack("<II", self._crc, self._size & 0xFFFFFFFF))
