"""The own files of a knowledge base's version, from its folder."""

import json
from dataclasses import asdict
from pathlib import Path

import yaml

from coldframe.triage.document import Document
from coldframe.triage.heads import HEADS
from coldframe.triage.model import KNOWLEDGE
from coldframe.triage.vectors import EMBEDDINGS

DOCUMENT = "knowledge.yaml"


def read_files(folder: Path) -> dict[str, bytes]:
    """Read the document as JSON, the heads, and the embeddings where there are any.

    Raises `FileNotFoundError` where one of the first two is missing.
    """
    files = {KNOWLEDGE: document_json(read(folder / DOCUMENT)), HEADS: (folder / HEADS).read_bytes()}
    if (folder / EMBEDDINGS).exists():
        files[EMBEDDINGS] = (folder / EMBEDDINGS).read_bytes()
    return files


def read(path: Path) -> Document:
    """Read a document that `coldframe kb check` has found to be without fault."""
    return Document.of(yaml.load(path.read_bytes(), yaml.CSafeLoader))


def document_json(document: Document) -> bytes:
    """Write a document as the runtime reads it."""
    return json.dumps(asdict(document), ensure_ascii=False, separators=(",", ":")).encode()
