"""Store a linear model as the runtime reads it, and compare it with what it was made from."""

import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldframe.linear import LinearText
from coldframe.manifest import Manifest
from models.forge.calibrate import Calibration, Isotonic, Platt
from models.forge.softmax import Linear

PEAK = 16.0  # a column's largest weight as stored: below the runtime's limit, far above float16's least


class Parity(NamedTuple):
    """How the stored model answers against the float64 model that it was made from."""

    rows: int
    max_probability_difference: float
    label_agreement: float


def to_npz(model: Linear, calibration: Calibration) -> bytes:
    """The npz that coldframe.linear.LinearText opens: float16 weights, and the calibration.

    The same model gives the same bytes.
    """
    gain = np.maximum(np.abs(model.weights).max(axis=0), np.finfo(np.float64).tiny) / PEAK
    slope, bias = np.ones(len(gain)), np.zeros(len(gain))
    if isinstance(calibration, Platt):
        slope, bias = calibration.slope, calibration.bias
    arrays = {
        "weights": (model.weights / gain).astype(np.float16),
        "slope": gain * slope,
        "bias": model.bias * slope + bias,
    }
    if isinstance(calibration, Isotonic):
        arrays["isotonic"] = calibration.lines
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def parity(stored: bytes, manifest: Manifest, texts: Sequence[str], expected: NDArray[np.float64]) -> Parity:
    """Compare the stored model's answers to texts with the probabilities (texts, labels) expected of them."""
    model = LinearText.open(stored, manifest.labels, manifest.features, manifest.calibration)
    got = model.predict(texts)
    agreement = (got.argmax(axis=1) == expected.argmax(axis=1)).mean()
    return Parity(len(texts), float(np.abs(got - expected).max()), float(agreement))
