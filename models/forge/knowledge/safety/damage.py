"""Versions with damaged files: bits flipped and files cut, at places spread over each, always the same."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from models.forge.knowledge.safety.shelf import Case
from models.forge.version import Version

PLACES_COUNT = 4  # of flipped bits in a file, one in each quarter; and of cuts
MANIFEST = "manifest"
_SEED = 20_260_101


def corrupt(version: Version) -> Iterator[Case]:
    """Each file damaged in the store, with the manifest as it was; then the manifest itself."""
    for entry in version.manifest.files:
        for what, data in damaged(version.files[entry.name]):
            broken = Version(version.manifest, {**version.files, entry.name: data})
            yield Case(f"{entry.name} {what}", entry.name, broken)
    for what, data in damaged(version.manifest.to_bytes()):
        yield Case(f"the {MANIFEST} {what}", MANIFEST, version, data)


def damaged(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Flip a bit in each quarter of a file, cut it within each quarter, take its last byte and all of it."""
    random = np.random.default_rng(_SEED)
    bounds = np.linspace(0, len(data), PLACES_COUNT + 1).astype(int).tolist()
    for low, high in pairwise(bounds):
        place, bit = int(random.integers(low, high)), int(random.integers(8))
        flipped = bytearray(data)
        flipped[place] ^= 1 << bit
        yield f"with a bit flipped in byte {place:,}", bytes(flipped)
        cut = int(random.integers(low, high))
        yield f"cut to {cut:,} bytes", data[:cut]
    yield "without its last byte", data[:-1]
    yield "empty", b""
