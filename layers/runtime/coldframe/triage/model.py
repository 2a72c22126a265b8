"""The predictor of a knowledge base: texts in, tickets seen to in three tiers out."""

import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Any

from coldframe.decisions import Row
from coldframe.encoder import GRAPH, TOKENIZER, Encoder
from coldframe.errors import ManifestError
from coldframe.manifest import Manifest
from coldframe.predictor import Answer
from coldframe.triage.document import VERDICTS, Document
from coldframe.triage.evidence import Weighing
from coldframe.triage.heads import HEADS, Learned
from coldframe.triage.recommendation import recommend
from coldframe.triage.tiers import Tiers
from coldframe.triage.vectors import EMBEDDINGS, Vectors, encoder_digest

KNOWLEDGE = "knowledge.json"
TIERS = (1, 2, 3)
IN_SCOPE, CERTAIN = "in_scope", "certain"  # the manifest's thresholds
_NEEDED = (KNOWLEDGE, HEADS, GRAPH, TOKENIZER)
_WORDS = ("routing_team", "priority_level", "specific_problem", "automation_category", "in_scope")
_NUMBERS = ("confidence", "sla_hours", "urgency_score", "problem_confidence", "similarity")
_NUMBERS_OF_VERDICT = ("automation_percentage", "automation_confidence")
_LABEL = "business_category"
_WIDEST_ROUNDED = 0.111111


class Triage:
    """Sees to tickets. Each text is embedded in a call of its own, so company changes no answer."""

    def __init__(self, manifest: Manifest, document: Document, encoder: Encoder, weighing: Weighing) -> None:
        self.manifest = manifest
        self._document, self._encoder, self._weighing = document, encoder, weighing
        limits = {name: float(manifest.thresholds[name]["value"]) for name in (IN_SCOPE, CERTAIN)}
        self._tiers = Tiers(document, **limits)

    @property
    def columns(self) -> tuple[str, ...]:
        """As in Predictor."""
        return (*self._words, *self._numbers)

    @cached_property
    def widest(self) -> list[Row]:
        """As in Predictor. The title is wider than any, so that quotation marks have room."""
        documented = self._document
        title = max((one.problem for one in documented.problems), key=lambda text: len(text.encode()))
        title = '"' * title.count('"') + title + '"\\,;'
        verdicts = max(VERDICTS, key=len)
        widest = {"specific_problem": title, "automation_category": verdicts, "in_scope": "false"}
        numbers = tuple(
            max(one.sla_hours for one in documented.categories) if name == "sla_hours" else _WIDEST_ROUNDED
            for name in self._numbers
        )
        routes = product(documented.categories, documented.categories)
        return [
            (
                tuple(
                    (widest | _routed(route.routing_team, route.priority, label.category))[name]
                    for name in self._words
                ),
                numbers,
            )
            for route, label in routes
        ]

    def rows(self, texts: Sequence[str]) -> list[Row]:
        """As in Predictor."""
        return [self._row(answer) for answer in self.predict(texts)]

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

    def _row(self, answer: Answer) -> Row:
        flat = answer | {"similarity": answer["similar_problems"][0]["similarity"]}
        return tuple(_word(flat[name]) for name in self._words), tuple(flat[name] for name in self._numbers)

    @property
    def _words(self) -> tuple[str, ...]:
        words = _WORDS if self._document.judges else tuple(w for w in _WORDS if w != "automation_category")
        return (*words, _LABEL)

    @property
    def _numbers(self) -> tuple[str, ...]:
        return (*_NUMBERS, *_NUMBERS_OF_VERDICT) if self._document.judges else _NUMBERS

    @property
    def _version(self) -> dict[str, str]:
        return {"model_version": self.manifest.version}


def open_triage(manifest: Manifest, files: Mapping[str, bytes]) -> Triage:
    """Open a knowledge base on its encoder; without stored embeddings they are made here, more slowly.

    Raises `ArtifactError` when the files are not those of one, or do not belong together.
    """
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
    return Triage(manifest, document, encoder, Weighing(document, vectors, learned))


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1e3, 3)


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value or "")


def _routed(team: str, priority: str, category: str) -> dict[str, str]:
    return {"routing_team": team, "priority_level": priority, _LABEL: category}
