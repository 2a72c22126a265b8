"""From a version's files to its predictor: opened, held against each other, and tried on one text."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from coldframe.encoder import GRAPH, TOKENIZER, Encoder
from coldframe.errors import ArtifactError, MalformedArtifact, ManifestError
from coldframe.manifest import Manifest
from coldframe.triage.document import Document
from coldframe.triage.evidence import Evidence, Weighing
from coldframe.triage.heads import HEADS, Learned
from coldframe.triage.model import CERTAIN, IN_SCOPE, Triage
from coldframe.triage.vectors import EMBEDDINGS, Vectors, encoder_digest

KNOWLEDGE = "knowledge.json"
_NEEDED = (KNOWLEDGE, HEADS, GRAPH, TOKENIZER)
_PROBE = "My laptop does not start."


def open_triage(manifest: Manifest, files: Mapping[str, bytes]) -> Triage:
    """Open a knowledge base on its encoder; without stored embeddings they are made here, more slowly.

    Raises `ArtifactError` when the files are not those of one, or do not belong together.
    """
    try:
        return _opened(manifest, files)
    except ArtifactError:
        raise
    # Whatever a file holds reaches NumPy, onnxruntime and tokenizers, which raise kinds of their own. What
    # escaped from here as another kind would keep the version before this one from being served.
    except Exception as error:
        raise MalformedArtifact(f"{manifest.name} {manifest.version} cannot be opened: {error!r}") from error


def _opened(manifest: Manifest, files: Mapping[str, bytes]) -> Triage:
    if missing := [name for name in _NEEDED if name not in files]:
        raise ManifestError(f"{manifest.name} {manifest.version} lists no {', '.join(missing)}")
    if missing := [name for name in (IN_SCOPE, CERTAIN) if name not in manifest.thresholds]:
        raise ManifestError(f"{manifest.name} {manifest.version} has no threshold {', '.join(missing)}")
    document = Document.parse(files[KNOWLEDGE])
    if document.labels != manifest.labels:
        raise ManifestError(
            f"the labels of {manifest.name} {manifest.version} are not those of its {KNOWLEDGE}"
        )
    made_by = encoder_digest(manifest.files)
    learned = Learned.open(files[HEADS], document, made_by)
    encoder = Encoder.open(files[GRAPH], files[TOKENIZER])
    if EMBEDDINGS in files:
        vectors = Vectors.open(files[EMBEDDINGS], document.texts, made_by)
    else:
        vectors = Vectors.embedded(document.texts, encoder)
    _check_sizes(encoder.size, {HEADS: learned.heads.size, EMBEDDINGS: vectors.size})
    weighing = Weighing(document, vectors, learned)
    triage = Triage(manifest, document, encoder, weighing)
    _try(triage, weighing.weigh([_PROBE], [encoder.embed(_PROBE)]))
    return triage


def _try(triage: Triage, evidence: Sequence[Evidence]) -> None:
    """Raise `MalformedArtifact` unless a text is answered with numbers that JSON has."""
    try:
        json.dumps([*map(asdict, evidence), triage.classify(_PROBE)], allow_nan=False)
    except (ArithmeticError, ValueError) as error:
        raise MalformedArtifact(
            f"{HEADS} and {GRAPH} make numbers that are none of a text: {error}"
        ) from error


def _check_sizes(size: int, sizes: Mapping[str, int]) -> None:
    """Raise `MalformedArtifact` here, where the version before stays, and not at every answer."""
    for name, stored in sizes.items():
        if stored != size:
            raise MalformedArtifact(
                f"{name} has rows of {stored} numbers, and the encoder gives {size}: "
                "coldframe kb build makes it again"
            )
