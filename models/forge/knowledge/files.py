"""The own files of a knowledge base's version, from its folder."""

import json
from dataclasses import asdict
from pathlib import Path

from coldframe.triage.document import Document
from coldframe.triage.heads import HEADS
from coldframe.triage.opening import KNOWLEDGE
from coldframe.triage.vectors import EMBEDDINGS
from models.forge.knowledge.read import ENDINGS, read_document

_STEM = "knowledge"


def read_files(folder: Path) -> dict[str, bytes]:
    """Read the document as JSON, the heads and the embeddings.

    Raises `FileNotFoundError` where there are no heads or no embeddings, and what `read_document` does. The
    runtime would open a version without embeddings, but make them anew in each cold start.
    """
    made = {name: (folder / name).read_bytes() for name in (HEADS, EMBEDDINGS)}
    return {KNOWLEDGE: document_json(read(folder)), **made}


def document_path(folder: Path, ending: str) -> Path:
    """Where the document of a version is, if it has this ending."""
    return folder / f"{_STEM}{ending.lower()}"


def read(folder: Path) -> Document:
    """Read the document of a version. Raises as `read_files` does."""
    there = (document_path(folder, ending) for ending in ENDINGS)
    return read_document(next((path for path in there if path.exists()), document_path(folder, ENDINGS[0])))


def document_json(document: Document) -> bytes:
    """Write a document as the runtime reads it."""
    return json.dumps(asdict(document), ensure_ascii=False, separators=(",", ":")).encode()
