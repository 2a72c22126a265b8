"""The predictor of a knowledge base: texts in, tickets seen to in three tiers out."""

import time
from collections.abc import Sequence
from typing import Any

from coldframe import limits
from coldframe.decisions import Row
from coldframe.encoder import Embedding, Encoder
from coldframe.manifest import Manifest
from coldframe.predictor import Answer
from coldframe.triage.document import Document
from coldframe.triage.evidence import Evidence, Weighing
from coldframe.triage.recommendation import recommend
from coldframe.triage.table import Table
from coldframe.triage.tiers import Scope, Tiers

TIERS = (1, 2, 3)
IN_SCOPE, CERTAIN = "in_scope", "certain"  # the manifest's thresholds


class Triage:
    """Sees to tickets. Each text is embedded in a call of its own, so company changes no answer."""

    def __init__(self, manifest: Manifest, document: Document, encoder: Encoder, weighing: Weighing) -> None:
        self.manifest = manifest
        self._document, self.encoder, self._weighing = document, encoder, weighing
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

    def classify(self, text: str, tiers: Sequence[int] = TIERS) -> Answer:
        """See to one ticket, as `predict` does."""
        return self.predict([text], tiers)[0]

    def predict(self, texts: Sequence[str], tiers: Sequence[int] = TIERS) -> list[Answer]:
        """See to tickets, in some of the tiers; times in ms.

        All are embedded, then all are weighed: in turns, the encoder's weights and what is known would push
        each other out of the core's cache. The first tier has the embedding in its time, and an equal share
        of the weighing.
        """
        embedded = list(map(self._embed, texts))
        start = time.perf_counter()
        weighed = self._weighing.weigh(texts, [embedding for embedding, _ in embedded])
        share = (time.perf_counter() - start) / max(len(texts), 1)
        return [
            self._answer(tiers, embedding, evidence, spent + share)
            for (embedding, spent), evidence in zip(embedded, weighed, strict=True)
        ]

    def _embed(self, text: str) -> tuple[Embedding, float]:
        """The embedding, and the seconds that it took."""
        start = time.perf_counter()
        return self.encoder.embed(text), time.perf_counter() - start

    def _answer(self, tiers: Sequence[int], embedding: Embedding, evidence: Evidence, spent: float) -> Answer:
        """Answer a ticket on which so many seconds are spent already."""
        marks = [time.perf_counter() - spent]
        scope = self._tiers.scope(evidence)
        said: dict[str, Any] = {}
        for tier in TIERS:
            if tier in tiers:
                said |= self._of_tier(tier, evidence, scope)
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

    def _of_tier(self, tier: int, evidence: Evidence, scope: Scope) -> dict[str, Any]:
        if tier == 1:
            return self._tiers.first(evidence, scope)
        if tier == 2:
            return self._tiers.second(evidence, scope)
        return self._tiers.third(evidence, scope) if self._document.judges else {}

    @property
    def _version(self) -> dict[str, str]:
        return {"model_version": self.manifest.version}


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1e3, 3)
