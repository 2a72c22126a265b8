"""What was decided, one JSON line an item on stdout: of which text or row, by its SHA-256."""

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from coldframe import float_rows
from coldframe.decisions import Row
from coldframe.manifest import Manifest, sha256
from coldframe.predictor import Items
from coldframe.telemetry import logger

INPUT = "input"
_to_json = json.JSONEncoder(ensure_ascii=False).encode
_LOGS_INPUTS = os.environ.get("LOG_INPUTS") == "on"


def decisions(
    model: str, version: str | None, columns: Sequence[str], items: Items, rows: Sequence[Row]
) -> None:
    """Write what `rows` say of each item, all lines at once: a logger takes four times as long.

    `text_sha256` is of the text in UTF-8, `row_sha256` of a row's numbers as `float_rows` has them; `version`
    is None where no model could answer. With LOG_INPUTS on, `input` is the text itself, or the numbers.
    """
    opening = _to_json(
        {
            "level": "INFO",
            "message": "decision",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "request_id": logger.get_correlation_id(),
            "model": model,
            "model_version": version,
        }
    )[:-1]
    decided = (
        _to_json(dict((_named_hash(item), *zip(columns, (*words, *numbers), strict=True))))[1:]
        for item, (words, numbers) in zip(items, rows, strict=True)
    )
    if _LOGS_INPUTS:
        decided = (
            f'{one[:-1]}, "{INPUT}": {json.dumps(_shown(item))}}}'
            for one, item in zip(decided, items, strict=True)
        )
    sys.stdout.write("".join(f"{opening}, {one}\n" for one in decided))
    sys.stdout.flush()


def _named_hash(item: str | bytes) -> tuple[str, str]:
    if isinstance(item, bytes):
        return "row_sha256", sha256(item)
    return "text_sha256", text_sha256(item)


def _shown(item: str | bytes) -> str | list[float]:
    return float_rows.unpack(item) if isinstance(item, bytes) else item


def file(manifest: Manifest, data: bytes, scored: int, rejected: int) -> None:
    """Write one line of a file that came in a request: which, by its SHA-256, and how many of its rows."""
    said = {"model": manifest.name, "model_version": manifest.version, "file_sha256": sha256(data)}
    logger.info("file scored", extra={**said, "scored": scored, "rejected": rejected})


def text_sha256(text: str) -> str:
    """Return 64 hexadecimal digits, also for half of a surrogate pair."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
