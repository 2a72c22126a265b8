"""Does a version open: asked before it is written, and again before it may go live."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from coldframe.errors import ManifestError
from coldframe.loading import open_files
from coldframe.manifest import ENCODER, KNOWLEDGE, Manifest

if TYPE_CHECKING:  # NumPy, and onnxruntime with the last one, come with them
    from coldframe.features import FeatureModel
    from coldframe.predictor import Predictor
    from coldframe.triage.model import Triage


def check_opens(manifest: Manifest, files: Mapping[str, bytes]) -> "Predictor | FeatureModel | None":
    """Return the version opened as it will be in a function; None for a mere part of other models.

    Raises `ArtifactError` when it does not open, or when its encoder does not know all of its tokens.
    """
    if manifest.kind == ENCODER:
        _check_encoder(manifest, files)
        return None
    opened = open_files(manifest, files)
    if manifest.kind == KNOWLEDGE:
        cast("Triage", opened).encoder.check_numbers()
    return opened


def _check_encoder(manifest: Manifest, files: Mapping[str, bytes]) -> None:
    from coldframe.encoder import GRAPH, TOKENIZER, Encoder  # brings onnxruntime, which others do without

    if missing := {GRAPH, TOKENIZER} - files.keys():
        raise ManifestError(f"{manifest.name} {manifest.version} has no {', '.join(sorted(missing))}")
    Encoder.open(files[GRAPH], files[TOKENIZER]).check_numbers()
