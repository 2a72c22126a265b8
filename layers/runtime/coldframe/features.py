"""Rows of numbers in, probabilities out: a classifier of features, stored in ONNX.

One row a call, on one thread. A matrix product of several rows adds up in another order than that of one, and
trees that are shared out to threads are summed in another order too: either changes an answer's last bits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from coldframe import limits
from coldframe.decisions import Row, Shares
from coldframe.errors import MalformedArtifact, ManifestError, RowsRefused
from coldframe.manifest import Manifest
from coldframe.onnx_session import open_session
from coldframe.predictor import Answer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

GRAPH = "model.onnx"
_FLOAT = "tensor(float)"


@dataclass(frozen=True)
class FeatureModel:
    """An open session, with what its manifest says. A row's scores are the same alone and in company."""

    session: "InferenceSession"
    manifest: Manifest

    @cached_property
    def decision(self) -> Shares:
        """How a row's probabilities become an answer."""
        return Shares(self.manifest)

    @property
    def columns(self) -> tuple[str, ...]:
        """As in Answering."""
        return self.decision.columns

    @property
    def widest(self) -> list[Row]:
        """As in Answering."""
        return self.decision.widest()

    def rows(self, items: Sequence[bytes]) -> list[Row]:
        """Return one answer a row, given as `float_rows` has it, as `scores` does; it raises as that does."""
        given = np.frombuffer(b"".join(items), "<f4").reshape(len(items), -1)
        return list(map(self.decision.row, self.scores(given).tolist()))

    def answer(self, row: Row) -> Answer:
        """Return a row as an answer."""
        return self.decision.answer(row) | {"model_version": self.manifest.version}

    def scores(self, rows: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Return the labels' probabilities, (rows, labels), of a matrix (rows, features), taken as float32.

        Raises `RowsRefused`, naming row and feature, for a matrix of another width, for what is no finite
        float32, and for numbers that the graph fails on, or gives no probabilities for: too large ones.
        """
        names = self.manifest.feature_names
        if rows.ndim != 2 or rows.shape[1] != len(names):
            raise RowsRefused(
                f"the rows have the shape {rows.shape}: give {len(names)} numbers a row, {', '.join(names)}"
            )
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, which is looked for
            taken = np.ascontiguousarray(rows, np.float32)
        self._check_finite(rows, taken)
        scores = np.empty((len(rows), len(self.manifest.labels)))
        for place in range(len(taken)):
            try:
                scores[place] = self.run(taken[place : place + 1])
            except Exception as error:  # onnxruntime's own, derived from nothing narrower
                raise RowsRefused(f"row {place + 1} cannot be scored: {error}") from error
        self._check_scores(scores)
        return scores

    def run(self, row: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the graph on one row, (1, features); what it gives is not checked."""
        found: NDArray[np.float32] = self.session.run(None, {self.session.get_inputs()[0].name: row})[0]
        return found

    def _check_finite(self, rows: NDArray[np.floating[Any]], taken: NDArray[np.float32]) -> None:
        wrong = np.argwhere(~np.isfinite(taken))
        if len(wrong):
            row, column = wrong[0]
            raise RowsRefused(
                f"row {row + 1}: {self.manifest.feature_names[column]} is {rows[row, column]}: give a finite "
                f"number, of at most {limits.FEATURE_MAX:.1e}"
            )

    def _check_scores(self, scores: NDArray[np.float64]) -> None:
        wrong = np.flatnonzero(~_are_probabilities(scores))
        if len(wrong):
            raise RowsRefused(
                f"row {wrong[0] + 1}: {self.manifest.name} gives no probabilities: its numbers are too large"
            )


def open_features(manifest: Manifest, files: Mapping[str, bytes]) -> FeatureModel:
    """Open a model of features, and try it on a row of zeros and a row of ones.

    Raises `ManifestError` when there is no GRAPH, `MalformedArtifact` when it is too large, no ONNX, keeps
    weights in other files, or does not take one matrix of float32 and give one of probabilities.
    """
    if GRAPH not in files:
        raise ManifestError(f"{manifest.name} {manifest.version} lists no {GRAPH}")
    graph = files[GRAPH]
    if len(graph) > limits.FEATURE_GRAPH_MAX_BYTES:
        raise MalformedArtifact(
            f"{GRAPH} has {len(graph):,} bytes, and at most {limits.FEATURE_GRAPH_MAX_BYTES:,} are opened: "
            "make a smaller model (fewer or shallower trees)"
        )
    try:
        session = open_session(graph, threads=1)
    except Exception as error:
        raise MalformedArtifact(f"{GRAPH} cannot be opened: {error}") from error
    _check_ends(session, len(manifest.feature_names))
    model = FeatureModel(session, manifest)
    _try(model)
    return model


def _check_ends(session: "InferenceSession", width: int) -> None:
    takes = [(end.type, len(end.shape), end.shape[-1:]) for end in session.get_inputs()]
    gives = [end.type for end in session.get_outputs()]
    if takes != [(_FLOAT, 2, [width])] or gives != [_FLOAT]:
        raise MalformedArtifact(
            f"{GRAPH} takes {[(end.type, end.shape) for end in session.get_inputs()]} and gives {gives}: "
            f"it must take one {_FLOAT} of (rows, {width}) and give one, the probabilities"
        )


def _try(model: FeatureModel) -> None:
    labels = len(model.manifest.labels)
    for number in (0, 1):
        try:
            found = model.run(np.full((1, len(model.manifest.feature_names)), number, np.float32))
        except Exception as error:  # as above
            raise MalformedArtifact(f"{GRAPH} cannot score a row: {error}") from error
        if found.shape != (1, labels) or not _are_probabilities(found.astype(np.float64)).all():
            raise MalformedArtifact(
                f"{GRAPH} gives numbers of the shape {found.shape} for a row of {number}s: it must give the "
                f"probabilities of {labels} labels, of the shape (1, {labels})"
            )


def _are_probabilities(scores: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say of each row whether it is: NaN and infinity are in neither range."""
    sums = np.abs(scores.sum(axis=1) - 1) <= limits.FEATURE_SCORES_SUM_TOLERANCE
    within = np.abs(scores - 0.5) <= 0.5 + limits.FEATURE_SCORES_SUM_TOLERANCE
    return np.asarray(sums & within.all(axis=1))
