"""The predictor of a knowledge base: texts in, tickets seen to in three tiers out."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from coldframe import limits
from coldframe.decisions import Row
from coldframe.encoder import GRAPH, TOKENIZER, Encoder
from coldframe.errors import ArtifactError, MalformedArtifact, ManifestError
from coldframe.manifest import Manifest
from coldframe.predictor import Answer
from coldframe.triage.document import Document
from coldframe.triage.evidence import Evidence, Weighing
from coldframe.triage.heads import HEADS, Learned
from coldframe.triage.recommendation import recommend
from coldframe.triage.table import Table
from coldframe.triage.tiers import Tiers
from coldframe.triage.vectors import EMBEDDINGS, Vectors, encoder_digest

KNOWLEDGE = "knowledge.json"
TIERS = (1, 2, 3)
IN_SCOPE, CERTAIN = "in_scope", "certain"  # the manifest's thresholds
_PROBE = "My laptop does not start."
_NEEDED = (KNOWLEDGE, HEADS, GRAPH, TOKENIZER)


class Triage:
    """Sees to tickets. Each text is embedded in a call of its own, so company changes no answer."""

    def __init__(self, manifest: Manifest, document: Document, encoder: Encoder, weighing: Weighing) -> None:
        self.manifest = manifest
        self._document, self._encoder, self._weighing = document, encoder, weighing
        least = {name: float(manifest.thresholds[name]["value"]) for name in (IN_SCOPE, CERTAIN)}
        self._tiers, self._table = Tiers(document, **least), Table(document)

    @property
    def columns(self) -> tuple[str, ...]:
        """As in Predictor."""
        return self._table.columns

    @property
    def widest(self) -> list[Row]:
        """As in Predictor."""
        return self._table.widest

    @property
    def block_bytes(self) -> int:
        """As in Predictor."""
        return limits.TICKETS_BLOCK_BYTES

    @property
    def upload_rows_max_count(self) -> int:
        """As in Predictor."""
        return limits.TICKETS_UPLOAD_ROWS_MAX_COUNT

    def rows(self, texts: Sequence[str]) -> list[Row]:
        """As in Predictor."""
        return self.table(self.predict(texts))[1]

    def table(self, answers: Sequence[Answer]) -> tuple[tuple[str, ...], list[Row]]:
        """Return columns and rows: as much of them as answers of some tiers have."""
        return self._table.of(answers)

    def answer(self, row: Row) -> Answer:
        """As in Predictor: what the row has of it."""
        words, numbers = row
        return dict(zip(self.columns, (*words, *numbers), strict=True)) | self._version

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """As in Predictor."""
        return [self.classify(text) for text in texts]

    def classify(self, text: str, tiers: Sequence[int] = TIERS) -> Answer:
        """See to one ticket, in some of the tiers; times in ms. The first has the embedding in its time."""
        marks = [time.perf_counter()]
        embedding = self._encoder.embed(text)
        evidence = self._weighing.weigh(text, embedding)
        scope = self._tiers.scope(evidence)
        said: dict[str, Any] = {}
        for tier in TIERS:
            if tier in tiers:
                said |= self._of_tier(tier, text, evidence, scope)
            marks.append(time.perf_counter())
        times = {f"level{tier}_time_ms": _ms(marks[tier - 1], marks[tier]) for tier in tiers}
        return {
            **said,
            "in_scope": scope.in_scope,
            "truncated": embedding.truncated,
            "recommendation": recommend(scope, said),
            **times,
            "total_processing_time_ms": _ms(marks[0], marks[-1]),
            **self._version,
        }

    def _of_tier(self, tier: int, text: str, evidence: Any, scope: Any) -> dict[str, Any]:
        if tier == 1:
            return self._tiers.first(text, evidence, scope)
        if tier == 2:
            return self._tiers.second(evidence, scope)
        return self._tiers.third(text, evidence, scope) if self._document.judges else {}

    @property
    def _version(self) -> dict[str, str]:
        return {"model_version": self.manifest.version}


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
    for name, size in ((HEADS, learned.heads.size), (EMBEDDINGS, vectors.whole.shape[1])):
        if size != encoder.size:
            raise MalformedArtifact(
                f"{name} is for embeddings of {size} numbers, and those of {GRAPH} have {encoder.size}:"
                " coldframe kb build makes it again"
            )
    weighing = Weighing(document, vectors, learned)
    triage = Triage(manifest, document, encoder, weighing)
    _try(triage, weighing.weigh(_PROBE, encoder.embed(_PROBE)))
    return triage


def _try(triage: Triage, evidence: Evidence) -> None:
    """Raise `MalformedArtifact` unless a text is answered with numbers that JSON has."""
    try:
        json.dumps([asdict(evidence), triage.classify(_PROBE)], allow_nan=False)
    except (ArithmeticError, ValueError) as error:
        raise MalformedArtifact(
            f"{HEADS} and {GRAPH} make numbers that are none of a text: {error}"
        ) from error


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1e3, 3)
