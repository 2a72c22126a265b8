"""Which encoding a file has, and its text with every byte accounted for."""

import codecs
import re
from dataclasses import dataclass
from typing import NamedTuple, Self

from coldframe.errors import FileRefused

_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_SAVE_AS_CSV = "open it in the spreadsheet, choose Save As, take the type “CSV UTF-8”, and use that file"
_BINARIES = {
    b"PK\x03\x04": "a ZIP file, such as an Excel workbook (.xlsx)",
    b"\xd0\xcf\x11\xe0": "an old Office document, such as an Excel workbook (.xls)",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_ISO_2022_JP = b"\x1b$"  # what goes before its Japanese: all of it is ASCII, and none of it is meant so
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CONTROLS_MAX_SHARE = 0.05  # packed data have a tenth, and are taken for text half of the time at that
_CONTROLS_FREE_COUNT = 8  # a stray U+0000 or two cost their rows, not the file
_CONTROLS_SAMPLE_BYTES = 65_536
_ESCAPED = re.compile("[\udc00-\udcff]")


def _escape(error: UnicodeError) -> tuple[str, int]:
    """Stand U+DC00 plus its value for every byte that cannot be decoded, also below 0x80, as in UTF-16."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error("coldframe-escape", _escape)
# The same in C, for codecs that never refuse a byte below 0x80: a hundred times faster.
_FAST = {"utf-8": "surrogateescape", "cp932": "surrogateescape"}


class Decoded(NamedTuple):
    """`pending` bytes at the end are not a whole character yet; `damaged` text has escaped bytes."""

    text: str
    pending: int
    damaged: bool


@dataclass(frozen=True)
class Encoding:
    """A codec, and how many bytes of byte order mark come before the text."""

    name: str
    bom_bytes: int = 0

    @classmethod
    def detect(cls, sample: bytes, at_end: bool) -> Self:
        """Tell from a file's first bytes. Raises `FileRefused` when they are no text.

        Without a byte order mark it is UTF-8 when more characters beyond ASCII can be decoded as such than
        bytes cannot; otherwise UTF-8 or CP932 (Windows' Shift_JIS), whichever leaves fewer bytes undecodable.
        """
        for bom, name in _BOMS.items():
            if sample.startswith(bom):
                return cls(name, len(bom))
        if utf_16 := _utf_16_without_mark(sample[:4]):
            return cls(utf_16)
        _check_is_text(sample)
        utf_8, cp932 = cls("utf-8"), cls("cp932")
        as_utf_8 = utf_8.decode(sample, at_end)
        if not as_utf_8.damaged:
            return utf_8
        undecodable, beyond_ascii = _counts(as_utf_8.text)
        if beyond_ascii > undecodable:
            return utf_8
        return cp932 if _counts(cp932.decode(sample, at_end).text)[0] < undecodable else utf_8

    def decode(self, data: bytes, at_end: bool) -> Decoded:
        """Decode; a byte that cannot be decoded becomes U+DC00 plus its value."""
        try:
            return self._decode(data, at_end, "strict")
        except UnicodeDecodeError:
            return self._decode(data, at_end, _FAST.get(self.name, "coldframe-escape"))

    def _decode(self, data: bytes, at_end: bool, errors: str) -> Decoded:
        decoder = codecs.getincrementaldecoder(self.name)(errors)
        text = decoder.decode(data, at_end)
        return Decoded(text, len(decoder.getstate()[0]), errors != "strict")

    def size(self, text: str) -> int:
        """How many bytes `decode` made this text from."""
        decoded, escaped = _ESCAPED.subn("", text)
        return len(decoded.encode(self.name)) + escaped


def is_damaged(text: str) -> bool:
    """Say whether some byte of it could not be decoded."""
    return _ESCAPED.search(text) is not None


def shown(text: str) -> str:
    r"""Write bytes that could not be decoded as \x8f."""
    return _ESCAPED.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", text)


def _counts(text: str) -> tuple[int, int]:
    """Count the bytes that could not be decoded, and the characters beyond ASCII that could."""
    decoded = text.encode(errors="ignore").decode()
    return len(text) - len(decoded), len(decoded) - len(decoded.encode("ascii", "ignore"))


def _utf_16_without_mark(start: bytes) -> str | None:
    """A header's first two characters are ASCII, or the file is not taken for UTF-16."""
    zeros = [byte == 0 for byte in start]
    if zeros == [False, True, False, True]:
        return "utf-16-le"
    return "utf-16-be" if zeros == [True, False, True, False] else None


def _check_is_text(sample: bytes) -> None:
    for magic, what in _BINARIES.items():
        if sample.startswith(magic):
            raise FileRefused(f"This is not a CSV file but {what}", _SAVE_AS_CSV)
    if _ISO_2022_JP in sample:
        raise FileRefused("This file is in ISO-2022-JP, as Japanese mail is", _SAVE_AS_CSV)
    start = sample[:_CONTROLS_SAMPLE_BYTES]
    if len(_CONTROLS.findall(start)) > max(_CONTROLS_FREE_COUNT, _CONTROLS_MAX_SHARE * len(start)):
        raise FileRefused("This is not a CSV file: it holds binary data", _SAVE_AS_CSV)
