"""Small artifacts made on the spot: nothing here is trained, and no two seeds answer alike."""

import io

import numpy as np
from obstore.store import MemoryStore

from coldframe.manifest import FileEntry, Manifest
from coldframe.registry import Target
from coldframe.store import Store
from models.forge.publish import publish

LABELS = ("positive", "neutral", "negative")
VERDICT = {"positive": "ポジティブ", "negative": "ネガティブ"}
BUCKETS = 512


def weights(seed: int = 0, columns: int = len(LABELS) - 1) -> bytes:
    """A linear model's npz with random weights."""
    random = np.random.default_rng(seed)
    file = io.BytesIO()
    np.savez(
        file,
        weights=random.normal(size=(BUCKETS, columns)).astype(np.float16),
        slope=np.ones(columns),
        bias=np.zeros(columns),
    )
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


def memory_store() -> Store:
    """An empty store in memory, which honours conditional writes."""
    return Store(MemoryStore())


def published(store: Store, version: str, seed: int = 0) -> Target:
    """Publish a made version and make it live."""
    data = weights(seed)
    return publish(store, manifest(version, data), {"weights.npz": data}, "a test")
