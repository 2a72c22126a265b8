"""Versions whose files are missing, or do not belong together: all of them must be refused."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from coldframe.encoder import GRAPH, TOKENIZER
from coldframe.manifest import FileEntry
from coldframe.triage.document import Document
from coldframe.triage.heads import HEADS, taught_digest
from coldframe.triage.opening import KNOWLEDGE
from coldframe.triage.vectors import EMBEDDINGS, encoder_digest, texts_digest
from models.encoder.recipe import FLOAT, FOLDER, INT8
from models.forge.knowledge.safety.measure import without
from models.forge.knowledge.safety.shelf import Case
from models.forge.version import Version

_NEEDED = (KNOWLEDGE, HEADS, GRAPH, TOKENIZER)


def missing(version: Version) -> Iterator[Case]:
    """Each file that is needed, not listed; and each that is listed, not in the store."""
    for name in _NEEDED:
        yield Case(f"{name} is not listed", name, without(version, name))
    for name in (*_NEEDED, EMBEDDINGS):
        there = without(version, name).files
        yield Case(f"{name} is not in the store", name, Version(version.manifest, there))


def stale(version: Version) -> Iterator[Case]:
    """Embeddings and heads of other texts, or by another encoder; each way round.

    Raises FileNotFoundError where the encoder's graphs, float and INT8, were not built.
    """
    files = version.files
    changed = json.loads(files[KNOWLEDGE])
    changed["problems"][0]["phrasings"][0] += " again"
    yield Case("one phrasing of the document is changed", HEADS, _with(version, KNOWLEDGE, _json(changed)))
    turned = changed | {"problems": changed["problems"][::-1]}
    bare = without(_with(version, KNOWLEDGE, _json(turned)), EMBEDDINGS)
    yield Case(f"the problems are in another order, without {EMBEDDINGS}", HEADS, bare)
    other = Document.of(changed)
    for name, digest in ((EMBEDDINGS, texts_digest(other.texts)), (HEADS, taught_digest(other))):
        data = _stamped(files[name], "made_of", digest)
        yield Case(f"{name} is of one other phrasing", name, _with(version, name, data))
    exchanged = _with(version, GRAPH, _other_graph(version))
    yield Case(f"{GRAPH} is another one", HEADS, exchanged)
    for name in (EMBEDDINGS, HEADS):
        data = _stamped(files[name], "made_by", encoder_digest(exchanged.manifest.files))
        yield Case(f"{name} is by another encoder", name, _with(version, name, data))


def _with(version: Version, name: str, data: bytes) -> Version:
    """The version with another file of this name, which its manifest lists as it is."""

    def listed(entry: FileEntry) -> FileEntry:
        return replace(FileEntry.of(name, data), owner=entry.owner) if entry.name == name else entry

    entries = tuple(map(listed, version.manifest.files))
    return Version(replace(version.manifest, files=entries), {**version.files, name: data})


def _stamped(npz: bytes, name: str, digest: bytes) -> bytes:
    """The same arrays, one digest of them another."""
    with np.load(io.BytesIO(npz)) as stored:
        arrays: dict[str, Any] = {**stored, name: np.frombuffer(digest, np.uint8)}
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _other_graph(version: Version) -> bytes:
    """The float graph, or where the version holds that, the one in INT8."""
    other = (FOLDER / FLOAT).read_bytes()
    return (FOLDER / INT8).read_bytes() if other == version.files[GRAPH] else other


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()
