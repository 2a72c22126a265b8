"""The predictor of a linear model: a scorer, and what its manifest says of the scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from coldframe import limits
from coldframe.decisions import Decision, Row, decision
from coldframe.errors import ManifestError
from coldframe.linear import LinearText
from coldframe.manifest import Manifest
from coldframe.predictor import Answer

WEIGHTS = "weights.npz"


class Scorer(Protocol):
    """A model: texts to probabilities of shape (texts, labels), each row alone the same as in company."""

    def predict(self, texts: Sequence[str]) -> NDArray[np.float64]: ...

    def logits(self, texts: Sequence[str]) -> list[list[float]]: ...


@dataclass(frozen=True)
class Classifier:
    """A scorer with what its manifest says of the scores."""

    scorer: Scorer
    manifest: Manifest

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of a row's words, of which the label is last, then of its numbers."""
        return self._decision.columns

    @cached_property
    def widest(self) -> list[Row]:
        """Rows of which one takes as many characters as any answer, whichever way they are written."""
        return self._decision.widest()

    @property
    def block_bytes(self) -> int:
        """As in Predictor."""
        return limits.BATCH_BLOCK_BYTES

    @property
    def upload_rows_max_count(self) -> int:
        """As in Predictor: as many as lines."""
        return limits.UPLOAD_LINES_MAX_COUNT

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Return one answer a text, in order: `label`, `scores`, and what else the manifest asks for."""
        return list(map(self.answer, self.rows(texts)))

    def rows(self, texts: Sequence[str]) -> list[Row]:
        """Return the same answers as rows of a table."""
        return list(map(self._decision.row, self.scorer.predict(texts).tolist()))

    def answer(self, row: Row) -> Answer:
        """Return a row as an answer."""
        return self._decision.answer(row) | {"model_version": self.manifest.version}

    @cached_property
    def _decision(self) -> Decision:
        return decision(self.manifest)


def open_classifier(manifest: Manifest, files: Mapping[str, bytes]) -> Classifier:
    """Open a linear text model. Raises `ArtifactError` when the files are not those of one."""
    if WEIGHTS not in files:
        raise ManifestError(f"{manifest.name} {manifest.version} lists no {WEIGHTS}")
    scorer = LinearText.open(files[WEIGHTS], manifest.labels, manifest.features, manifest.calibration)
    return Classifier(scorer, manifest)
