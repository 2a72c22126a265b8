"""What was decided, one JSON line an item on stdout: which text, by its SHA-256; its words if asked for."""

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from coldframe.decisions import Row
from coldframe.manifest import Manifest, sha256
from coldframe.telemetry import logger

INPUT = "input"
_to_json = json.JSONEncoder(ensure_ascii=False).encode
_LOGS_INPUTS = os.environ.get("LOG_INPUTS") == "on"


def decisions(
    model: str, version: str | None, columns: Sequence[str], texts: Sequence[str], rows: Sequence[Row]
) -> None:
    """Write what `rows` say of each text, all lines at once: a logger takes four times as long.

    `text_sha256` is of the text in UTF-8; `version` is None where no model could answer. With LOG_INPUTS on,
    `input` is the text itself.
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
    names = ("text_sha256", *columns)
    decided = (
        _to_json(dict(zip(names, (text_sha256(text), *words, *numbers), strict=True)))[1:]
        for text, (words, numbers) in zip(texts, rows, strict=True)
    )
    if _LOGS_INPUTS:
        decided = (
            f'{one[:-1]}, "{INPUT}": {json.dumps(text)}}}' for one, text in zip(decided, texts, strict=True)
        )
    sys.stdout.write("".join(f"{opening}, {one}\n" for one in decided))
    sys.stdout.flush()


def file(manifest: Manifest, data: bytes, scored: int, rejected: int) -> None:
    """Write one line of a file that came in a request: which, by its SHA-256, and how many of its rows."""
    said = {"model": manifest.name, "model_version": manifest.version, "file_sha256": sha256(data)}
    logger.info("file scored", extra={**said, "scored": scored, "rejected": rejected})


def text_sha256(text: str) -> str:
    """Return 64 hexadecimal digits, also for half of a surrogate pair."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
