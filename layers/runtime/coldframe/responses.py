"""Answers over HTTP that several routes give."""

import json
from urllib.parse import quote

from fastapi import Response


def json_response(content: object, status: int = 200) -> Response:
    """Write JSON, floats to the last bit."""
    return Response(json.dumps(content, ensure_ascii=False), status, media_type="application/json")


def attachment(name: str) -> str:
    """Return the Content-Disposition that saves a file under this name (RFC 6266, RFC 8187)."""
    plain = "".join(c if c.isascii() and c not in '"\\%' else "_" for c in name)
    written = f'attachment; filename="{plain}"'
    return written if plain == name else f"{written}; filename*=UTF-8''{quote(name, safe='')}"
