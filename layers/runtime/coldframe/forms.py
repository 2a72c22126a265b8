"""A form with one file in it: `multipart/form-data`, RFC 7578."""

from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from coldframe import limits

FILE, COLUMN = "file", "column"
# What python-multipart does not say by itself: the fix.
_FORM = f"send a form with the file in the field {FILE}, as curl -F {FILE}=@name.csv does"


class FormRefused(Exception):
    """Raise when a form is not as expected: which field, if it is one, and what to mend."""

    def __init__(self, detail: str, *field: str) -> None:
        super().__init__(detail)
        self.detail, self.field = detail, field


@dataclass(frozen=True)
class FileForm:
    """The file, the name that its sender gave it, and the column to score if one is named."""

    data: bytes
    name: str
    column: str | None


class _InMemory(MultiPartParser):
    """Keeps the file in memory, where the request is: nothing is written to disk, and no thread is needed."""

    spool_max_size = limits.RESPONSE_MAX_BYTES


async def read_form(request: Request) -> FileForm:
    """Read the request's form. Raises `FormRefused`."""
    parser = _InMemory(request.headers, request.stream(), max_files=1, max_fields=1)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise FormRefused(f"the body is no such form ({error.message.rstrip('.')}): {_FORM}") from error
    except ValueError as error:  # of a charset that Python knows and no form has
        raise FormRefused(f"the body has a charset that no form has: {_FORM}") from error
    try:
        for name in form.keys() - {FILE, COLUMN}:
            raise FormRefused("is not a field of this form: remove it", name)
        return FileForm(*await _file(form.get(FILE)), _column(form.get(COLUMN)))
    finally:
        await form.close()


async def _file(found: UploadFile | str | None) -> tuple[bytes, str]:
    if found is None:
        raise FormRefused(f"is required: {_FORM}", FILE)
    if isinstance(found, str):
        raise FormRefused(f"has no file name and so is no file: {_FORM}", FILE)
    return await found.read(), found.filename or ""


def _column(found: UploadFile | str | None) -> str | None:
    if isinstance(found, UploadFile):
        raise FormRefused("is a file: send the column's name as text", COLUMN)
    if found and len(found) > limits.UPLOAD_COLUMN_MAX_CHARS:
        raise FormRefused(f"has more than {limits.UPLOAD_COLUMN_MAX_CHARS:,} characters: shorten it", COLUMN)
    if found and any("\ud800" <= character <= "\udfff" for character in found):
        raise FormRefused("holds half of a surrogate pair: send the column's name in UTF-8", COLUMN)
    return found
