"""A version whose files do not belong together is refused when it is opened, not at its first answer."""

import numpy as np
import pytest

from coldframe.errors import MalformedArtifact
from coldframe.triage.heads import HEADS
from coldframe.triage.opening import open_triage
from coldframe.triage.vectors import EMBEDDINGS
from tests.made_knowledge import embeddings, encoder, encoder_files, heads, manifest, own_files, vectors

NARROW = encoder().size - 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (EMBEDDINGS, embeddings(whole=vectors().whole[:, :NARROW].copy())),
        (HEADS, heads(rows=np.zeros((13, NARROW), np.int16))),
    ],
)
def test_rows_that_are_not_as_long_as_an_embedding_are_refused(name: str, data: bytes) -> None:
    files = own_files() | {name: data}
    with pytest.raises(MalformedArtifact, match=f"{name} has rows of {NARROW} numbers"):
        open_triage(manifest(files), files | encoder_files())
