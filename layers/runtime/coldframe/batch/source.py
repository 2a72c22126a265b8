"""The bytes of a dropped file: ranges of it, unpacked when they are gzip, in a window that moves forward."""

import gzip
import io
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from coldframe import limits
from coldframe.errors import FileRefused

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP_MAGIC = b"\x1f\x8b"


class RangedFile(io.RawIOBase):
    """A file of `size` bytes behind `read_range(start, size)`: what is read from it is fetched, no more."""

    def __init__(self, read_range: Callable[[int, int], bytes], size: int) -> None:
        super().__init__()
        self._read_range, self.size, self.position = read_range, size, 0

    @classmethod
    def of(cls, data: bytes) -> Self:
        """A file of these bytes."""
        return cls(lambda start, size: data[start : start + size], len(data))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.size}[whence]
        self.position = base + offset
        return self.position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self.size - self.position)
        if wanted <= 0:
            return 0
        data = self._read_range(self.position, wanted)
        view[: len(data)] = data
        self.position += len(data)
        return len(data)


class Window:
    """The bytes from `offset` on, of the unpacked file; `fill` reads more of them, `advance` lets go of some.

    Raises `FileRefused` where gzip data are damaged or unpack to far too much.
    """

    def __init__(self, file: RangedFile, offset: int = 0) -> None:
        self._ranged = file
        buffered = io.BufferedReader(file, limits.BATCH_READ_BYTES)
        self._packed = buffered.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC)
        self._file = gzip.GzipFile(fileobj=buffered) if self._packed else buffered
        self.offset, self.data, self.at_end = offset, b"", False
        self._skip(offset)

    def fill(self, size: int) -> None:
        """Read until `data` has `size` bytes, or the file is at its end."""
        if not self.at_end and len(self.data) < size:
            self.data += self._read(size - len(self.data))
            self.at_end = len(self.data) < size

    def advance(self, count: int) -> None:
        """Go on by so many bytes of `data`."""
        self.data = self.data[count:]
        self.offset += count

    def _skip(self, offset: int) -> None:
        if not self._packed:
            self._file.seek(offset)
            return
        while offset > 0:  # gzip can only be read from its beginning
            offset -= len(self._read(min(offset, limits.BATCH_BLOCK_BYTES))) or offset

    def _read(self, size: int) -> bytes:
        try:
            data = self._file.read(size)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise FileRefused("The gzip data are damaged or cut short", "pack the file anew") from error
        if self._packed:
            self._check_ratio()
        return data

    def _check_ratio(self) -> None:
        unpacked = self._file.tell()
        if unpacked > limits.GZIP_FREE_BYTES and unpacked > limits.GZIP_RATIO_MAX * self._ranged.position:
            raise FileRefused(
                f"The gzip data unpack to more than {limits.GZIP_RATIO_MAX} times their size",
                "leave the file unpacked if it is meant",
            )
