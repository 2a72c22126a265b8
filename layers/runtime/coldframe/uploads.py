"""`POST /{name}/batch`: a CSV in a form, and back comes the same CSV with the predictions behind its columns.

The answer has the bytes of the result file that the same file gets when it is dropped into the inbox. Rows
that cannot be scored are left out of both; headers say how many, and the first ones with their reasons.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response

from coldframe import audit, limits, problems, telemetry
from coldframe.errors import FileRefused, FileTooLarge
from coldframe.forms import COLUMN, FILE, FormRefused, read_form
from coldframe.responses import attachment
from coldframe.slot import ModelSlot

if TYPE_CHECKING:
    from coldframe.batch.direct import Upload
    from coldframe.batch.rows import Reject

VERSION, SCORED, REJECTED, LINES, FILE_OF_REJECTS = (
    "x-model-version",
    "x-rows-scored",
    "x-rows-rejected",
    "x-rejected-lines",
    "x-rejects-file",
)
HEADERS = ("content-disposition", VERSION, SCORED, REJECTED, LINES, FILE_OF_REJECTS)

_FORM = {
    "type": "object",
    "required": [FILE],
    "properties": {
        FILE: {
            "type": "string",
            "format": "binary",
            "description": f"CSV of at most {limits.UPLOAD_MAX_BYTES:,} bytes, whose first row names its "
            "columns: UTF-8, UTF-16 or CP932; comma, semicolon or tab; or packed with gzip",
        },
        COLUMN: {
            "type": "string",
            "maxLength": limits.UPLOAD_COLUMN_MAX_CHARS,
            "default": "text",
            "description": "the column of the texts",
        },
    },
    "additionalProperties": False,
}
_CONTENT = {"schema": _FORM, "encoding": {FILE: {"contentType": "text/csv, application/gzip"}}}
_BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": _CONTENT}}}
_COUNT = {"type": "integer", "minimum": 0}
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The CSV, with the predictions in further columns",
        "headers": {
            "content-disposition": {"schema": {"type": "string"}, "description": "a name for the file"},
            VERSION: {"schema": {"type": "string"}, "required": True, "description": "what scored it"},
            SCORED: {"schema": _COUNT, "required": True},
            REJECTED: {"schema": _COUNT, "required": True, "description": "rows that the CSV has not"},
            LINES: {"schema": {"type": "string"}, "description": "the first of those, with the reasons"},
            FILE_OF_REJECTS: {"schema": {"type": "string"}, "description": "where to get all of them"},
        },
    }
}


class Csv(Response):
    """UTF-8 with a byte order mark, as spreadsheets want it."""

    media_type = "text/csv"


def add_batch(app: FastAPI, slot: ModelSlot) -> None:
    """Add the route to the app of this model."""

    @app.post(
        f"/{slot.name}/batch",
        response_class=Csv,
        responses=_ANSWER | problems.documented(),
        openapi_extra=_BODY,
    )
    async def batch(request: Request) -> Response:
        """Score every row of a CSV: the same rows, cell by cell, with the predictions behind them."""
        try:
            return await _scored(request, slot)
        except FormRefused as refusal:
            return _invalid(request, refusal.field, refusal.detail)
        except FileRefused as refusal:
            return _invalid(request, *_told(refusal))
        except FileTooLarge as refusal:
            return problems.problem(request.scope, 413, str(refusal))


async def _scored(request: Request, slot: ModelSlot) -> Response:
    """Answer with the scored file. Raises what `read_form` and `read_upload` do, and `ModelUnavailable`."""
    from coldframe.batch.direct import read_upload, result_name  # no cold start waits for it

    form = await read_form(request)
    predictor = slot.current([form.data]).predictor
    upload = read_upload(form.data, form.column, predictor)
    result = upload.result(predictor)
    telemetry.count_rows(upload.rows, upload.rejected)
    audit.file(predictor.manifest, form.data, upload.rows, upload.rejected)
    headers = {VERSION: predictor.manifest.version} | _headers(upload, result_name(form.name))
    return Csv(result, headers=headers)


def _headers(upload: "Upload", name: str) -> dict[str, str]:
    counts = {SCORED: str(upload.rows), REJECTED: str(upload.rejected)}
    rejects = {LINES: _shown(upload.first_rejects), FILE_OF_REJECTS: "POST /v1/batches"}
    return {"content-disposition": attachment(name)} | counts | (rejects if upload.rejected else {})


def _shown(rejects: "Sequence[Reject]") -> str:
    return "; ".join(f"{reject.line}: {reject.reason}" for reject in rejects)


def _told(refusal: FileRefused) -> tuple[tuple[str, ...], str]:
    """The field that is wrong, and what to do; a refusal that names the columns is about which is scored."""
    if refusal.columns is None:
        return (FILE,), str(refusal)
    return (COLUMN,), f"{refusal}. The file has: {', '.join(refusal.columns)}"


def _invalid(request: Request, field: tuple[str, ...], detail: str) -> Response:
    errors = [{"pointer": problems.pointer(field), "detail": detail}]
    return problems.problem(request.scope, 422, "The file cannot be scored.", errors=errors)
