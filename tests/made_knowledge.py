"""A small knowledge base on the real encoder, made on the spot: nothing here is trained."""

import io
import json
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from coldframe.changes import Note, Target
from coldframe.encoder import GRAPH, TOKENIZER, Encoder
from coldframe.errors import PreconditionFailed
from coldframe.manifest import FileEntry, Manifest, sha256
from coldframe.registry import file_key, make_champion, manifest_key
from coldframe.store import Store
from coldframe.triage.document import Document
from coldframe.triage.heads import HEADS, head_counts, taught_digest, word_columns
from coldframe.triage.model import Triage
from coldframe.triage.opening import KNOWLEDGE, open_triage
from coldframe.triage.vectors import EMBEDDINGS, Vectors, encoder_digest, texts_digest
from models.encoder.recipe import FOLDER, INT8
from models.encoder.recipe import TOKENIZER as BUILT_TOKENIZER

OWNER = "encoder/v0.9.0"  # a version that no bucket has
_HEAD_LENGTH = 3_900
_SHARPNESS = 20.0
MIX = {
    "problem": (20.0, 0.0, 1.0),
    "category": (0.0, 0.0, 1.0, 0.0),
    "verdict": (0.0, 0.0, 1.0, 3.0),
    "scope": (1.0, 0.0, 0.0, -16.0),
}

CONTENT: dict[str, Any] = {
    "title": "Three kinds of trouble",
    "fallback": "General",
    "categories": [
        {
            "category": "Printing",
            "description": "Printers, paper, toner and labels.",
            "keywords": ["printer", "toner", "paper jam"],
            "routing_team": "Print team",
            "priority": "LOW",
            "sla_hours": 48,
        },
        {
            "category": "Accounts",
            "description": "Passwords, locked accounts and access rights.",
            "keywords": ["password", "locked", "login"],
            "routing_team": 'Identity, "access"',
            "priority": "HIGH",
            "sla_hours": 4,
        },
        {
            "category": "General",
            "description": "What belongs nowhere else.",
            "routing_team": "Front desk",
        },
    ],
    "problems": [
        {
            "problem": "Printer jams",
            "category": "Printing",
            "phrasings": ["paper is stuck in the printer", "the printer has a paper jam again"],
            "automation": "NOT_AUTOMATABLE",
            "percentage": 5,
            "reasoning": "Somebody has to open the printer.",
            "complexity": "HIGH",
        },
        {
            "problem": "Toner is empty",
            "category": "Printing",
            "phrasings": ["the printer asks for toner", "prints are faint, the toner is running out"],
            "automation": "PARTIALLY_AUTOMATABLE",
            "percentage": 50,
            "reasoning": "Toner can be ordered as soon as it runs low.",
        },
        {
            "problem": "Password is forgotten",
            "category": "Accounts",
            "phrasings": ["I forgot my password", "please reset my password"],
            "automation": "FULLY_AUTOMATABLE",
            "percentage": 95,
            "reasoning": "A reset needs nobody.",
            "priority": "HIGH",
            "complexity": "LOW",
        },
        {
            "problem": "Account is locked",
            "category": "Accounts",
            "phrasings": ["my account is locked out", "too many attempts, I am locked out"],
            "automation": "FULLY_AUTOMATABLE",
            "percentage": 90,
            "reasoning": "An unlock needs nobody.",
        },
        {
            "problem": "Office is cold",
            "category": "General",
            "phrasings": ["the heating in the office does not work", "it is freezing at my desk"],
            "automation": "NOT_AUTOMATABLE",
            "reasoning": "Somebody has to look at the heating.",
        },
        {
            "problem": '=Key is lost, or "gone"',
            "category": "General",
            "phrasings": ["I lost the key of my locker", "the key of my desk is gone"],
            "automation": "PARTIALLY_AUTOMATABLE",
            "percentage": 30,
            "reasoning": "A new key can be ordered.",
        },
    ],
    "urgency": {"raises": {"urgent": 0.2, "very urgent": 0.3}, "lowers": {"no rush": 0.2}},
    "signals": [
        {
            "words": ["reset"],
            "automation": "FULLY_AUTOMATABLE",
            "percentage": 80,
            "reasoning": "A reset is asked for.",
        }
    ],
    "out_of_scope": ["The recipe takes two eggs."],
}
PROBLEMS = tuple(one["problem"] for one in CONTENT["problems"])
LABELS = tuple(one["category"] for one in CONTENT["categories"])
IN_SCOPE = "Good morning, the paper is stuck in our printer once more"
OUT_OF_SCOPE = "The ripe mangoes of the southern orchard taste of honey"


@cache
def encoder_files() -> dict[str, bytes]:
    """The real encoder's; `make test` builds them first (python -m models.encoder.recipe)."""
    return {
        GRAPH: (FOLDER / INT8).read_bytes(),
        TOKENIZER: (FOLDER / BUILT_TOKENIZER).read_bytes(),
    }


@cache
def encoder() -> Encoder:
    """It, open, on one thread."""
    files = encoder_files()
    return Encoder.open(files[GRAPH], files[TOKENIZER], threads=1)


@cache
def made_by() -> bytes:
    return encoder_digest(_borrowed())


def document(**other: Any) -> Document:
    """The document, some of it other."""
    return Document.of(CONTENT | other)


@cache
def vectors() -> Vectors:
    """The embeddings of its texts."""
    return Vectors.embedded(document().texts, encoder())


def npz(**arrays: NDArray[Any]) -> bytes:
    file = io.BytesIO()
    np.savez(file, **cast(dict[str, Any], arrays))
    return file.getvalue()


def embeddings(**other: NDArray[Any]) -> bytes:
    """Its embeddings.npz, some arrays of it other."""
    arrays: dict[str, NDArray[Any]] = {
        "whole": vectors().whole,
        "scale": vectors().scale,
        "made_by": np.frombuffer(made_by(), np.uint8),
        "made_of": np.frombuffer(texts_digest(document().texts), np.uint8),
    }
    return npz(**{**arrays, **other})


def heads(known: Document | None = None, **other: NDArray[Any]) -> bytes:
    """A heads.npz: each problem's head is the mean of its phrasings, the others say nothing."""
    known = known or document()
    count, columns = sum(head_counts(known)), word_columns(known)
    rows = np.zeros((count, encoder().size), np.int16)
    for place, problem in enumerate(known.problems):
        mean = np.mean([encoder().embed(phrasing).vector for phrasing in problem.phrasings], axis=0)
        rows[place] = np.rint(mean / np.linalg.norm(mean) * _HEAD_LENGTH)
    arrays: dict[str, NDArray[Any]] = {
        "rows": rows,
        "scale": np.full(count, _SHARPNESS / _HEAD_LENGTH),
        "bias": np.zeros(count),
        "weights": np.zeros((512, columns), np.float16),
        "slope": np.ones(columns),
        "offset": np.zeros(columns),
        "made_by": np.frombuffer(made_by(), np.uint8),
        "made_of": np.frombuffer(taught_digest(known), np.uint8),
        **{name: np.array(weights) for name, weights in MIX.items()},
    }
    return npz(**arrays | other)


@cache
def own_files() -> dict[str, bytes]:
    """What the version has beside the encoder."""
    return {KNOWLEDGE: json.dumps(CONTENT).encode(), HEADS: heads(), EMBEDDINGS: embeddings()}


def manifest(files: dict[str, bytes], version: str = "v1.0.0", name: str = "tickets") -> Manifest:
    """A manifest of these files, on the encoder's."""
    own = tuple(FileEntry.of(name, data) for name, data in files.items())
    known = json.loads(files[KNOWLEDGE])
    return Manifest(
        name=name,
        version=version,
        kind="knowledge",
        files=(*own, *_borrowed()),
        labels=tuple(one["category"] for one in known["categories"]),
        thresholds={"in_scope": {"value": 0.5}, "certain": {"value": 0.5}},
        input={"type": "string", "minLength": 1, "maxLength": 10_000},
    )


def opened(**other: Any) -> Triage:
    """The predictor of the document, some of it other."""
    known = CONTENT | other
    files = {KNOWLEDGE: json.dumps(known).encode(), HEADS: heads(Document.of(known))}
    return open_triage(manifest(files), files | encoder_files())


def published(store: Store, version: str = "v1.0.0", name: str = "tickets") -> Target:
    """Publish the encoder's files and the version on them, and make it live."""
    made = manifest(own_files(), version, name)
    for entry in made.files:
        with suppress(PreconditionFailed):  # the encoder's are there when another version was published
            store.create(file_key(name, version, entry), (own_files() | encoder_files())[entry.name])
    data = made.to_bytes()
    store.create(manifest_key(name, version), data)
    target = Target(version, sha256(data))
    make_champion(store, name, target, Note("2026-01-01T00:00:00+00:00", "a test", "a test"))
    return target


@cache
def _borrowed() -> tuple[FileEntry, ...]:
    return tuple(replace(FileEntry.of(name, data), owner=OWNER) for name, data in encoder_files().items())
