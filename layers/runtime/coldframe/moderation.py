"""The answer of an abuse detector: what to do with each text, also when there is no model to ask."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from coldframe import audit, telemetry
from coldframe.answers import decide
from coldframe.decisions import Row
from coldframe.errors import ModelUnavailable
from coldframe.slot import ModelSlot

FALLBACK = {"risk_level": "MEDIUM", "recommended_action": "REVIEW", "label": "UNKNOWN"}
_NO_SCORES: dict[str, Any] = {"probability": None, "threshold": None, "scores": {}}


def moderate(slot: ModelSlot, texts: Sequence[str], *, explained: bool = False) -> dict[str, Any]:
    """Return one prediction a text, in order, and the sums over them.

    Without a model that can be loaded, every text is to be reviewed by a person: none is let through.
    `explained` predictions also have the `parts` of the text that weighed most.
    """
    start = time.perf_counter()
    try:
        said, version = _decided(slot, texts, explained=explained)
    except ModelUnavailable:
        said, version = _fallback(slot.name, texts), None
    ms = (time.perf_counter() - start) * 1e3
    own = {"latency_ms": round(ms / len(texts), 3), "is_fallback": version is None}
    hashes = map(audit.text_sha256, texts)
    return {
        "predictions": [{"text_hash": h, **one, **own} for h, one in zip(hashes, said, strict=True)],
        "metadata": {
            "total_items": len(texts),
            "counts": dict(Counter(one["label"] for one in said)),
            "total_latency_ms": round(ms, 3),
            "model_version": version,
        },
    }


def _decided(slot: ModelSlot, texts: Sequence[str], *, explained: bool) -> tuple[list[dict[str, Any]], str]:
    predictor = slot.current(texts).predictor
    said = list(map(predictor.answer, decide(predictor, texts)))
    if explained:
        from coldframe.explanation import weigh_parts

        said = [one | {"parts": weigh_parts(predictor, text)} for one, text in zip(said, texts, strict=True)]
    return said, predictor.manifest.version


def _fallback(model: str, texts: Sequence[str]) -> list[dict[str, Any]]:
    row: Row = (tuple(FALLBACK.values()), ())
    audit.decisions(model, None, tuple(FALLBACK), texts, [row] * len(texts))
    telemetry.count_fallbacks(len(texts))
    return [FALLBACK | _NO_SCORES for _ in texts]
