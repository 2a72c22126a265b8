"""Small artifacts made on the spot: nothing here is trained, and no two seeds answer alike."""

import io
import tomllib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from obstore.store import MemoryStore

from coldframe.changes import Note, Target
from coldframe.manifest import FileEntry, Manifest
from coldframe.registry import make_champion
from coldframe.store import Store
from models.forge.publish import publish
from models.forge.version import MODELS

LABELS = ("positive", "neutral", "negative")
VERDICT = {"positive": "ポジティブ", "negative": "ネガティブ"}
BUCKETS = 512
NOTE = Note("2026-01-01T00:00:00.000+00:00", "a test", "to see")


def weights(seed: int = 0, columns: int = len(LABELS) - 1) -> bytes:
    """A linear model's npz with random weights."""
    random = np.random.default_rng(seed)
    return _npz(random.normal(size=(BUCKETS, columns)), np.zeros(columns))


def one_label() -> bytes:
    """A linear model's npz that calls everything by one label."""
    columns = len(LABELS) - 1
    return _npz(np.zeros((BUCKETS, columns)), np.full(columns, 9.0))


def _npz(weights: NDArray[np.float64], bias: NDArray[np.float64]) -> bytes:
    file = io.BytesIO()
    np.savez(file, weights=weights.astype(np.float16), slope=np.ones(len(bias)), bias=bias)
    return file.getvalue()


def manifest(version: str, data: bytes) -> Manifest:
    """A manifest of that npz."""
    return Manifest(
        name="sentiment",
        version=version,
        kind="linear-text",
        files=(FileEntry.of("weights.npz", data),),
        labels=LABELS,
        verdict=VERDICT,
    )


def moderation(version: str, data: bytes) -> Manifest:
    """A manifest of that npz as moderation has it: an alarm, thresholds, outcomes."""
    facts = tomllib.loads((MODELS / "moderation" / "model.toml").read_text(encoding="utf-8"))
    return Manifest(
        name="moderation",
        version=version,
        kind="linear-text",
        files=(FileEntry.of("weights.npz", data),),
        labels=("hate", "offensive", "benign"),
        features=facts["features"],
        alarm=facts["alarm"],
        thresholds={"abusive": {"value": 0.6}, "hate": {"value": 0.02}},
        outcomes=tuple(facts["outcomes"]),
        input=facts["input"],
    )


def memory_store() -> Store:
    """An empty store in memory, which honours conditional writes."""
    return Store(MemoryStore())


def published(
    store: Store, version: str, seed: int = 0, of: Callable[[str, bytes], Manifest] = manifest
) -> Target:
    """Publish a made version and make it live."""
    data = weights(seed)
    made = of(version, data)
    target = publish(store, made, {"weights.npz": data}, NOTE)
    make_champion(store, made.name, target, NOTE)
    return target
