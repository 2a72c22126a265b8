"""A fitted scikit-learn classifier, or a pipeline that ends in one, as a graph; skl2onnx writes it."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from skl2onnx.helpers.onnx_helper import select_model_inputs_outputs
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from models.forge.export.parent import INPUT, ML_OPSET, OPSET, OUTPUT, ExportRefused, Parent

REASON_MAX_CHARS = 300  # skl2onnx prints whole trees


def parent(model: Any, features: Sequence[str], labels: Sequence[str]) -> Parent:
    """Take a classifier with `predict_proba` of these features and labels, the labels in its own order.

    Raises `ExportRefused` when it is none, was fitted to others, or holds what skl2onnx does not know.
    """
    _check(model, features, labels)

    def scores(rows: NDArray[np.float32]) -> NDArray[np.float64]:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # it was fitted with names
            return np.asarray(model.predict_proba(rows.astype(np.float64)), np.float64)

    return Parent(_graph(model, len(features)), scores, ("scikit-learn", "skl2onnx"))


def _graph(model: Any, width: int) -> ModelProto:
    try:
        both = to_onnx(
            model,
            initial_types=[(INPUT, FloatTensorType([None, width]))],
            options={id(model): {"zipmap": False}},
            target_opset={"": OPSET, "ai.onnx.ml": ML_OPSET},
        )
        graph: ModelProto = select_model_inputs_outputs(both, outputs=[OUTPUT])
    except Exception as error:  # it raises whatever it met
        raise ExportRefused(
            f"skl2onnx cannot convert {type(model).__name__}: {str(error)[:REASON_MAX_CHARS]}\n"
            "What it converts: https://onnx.ai/sklearn-onnx/supported.html"
        ) from error
    return graph


def _check(model: Any, features: Sequence[str], labels: Sequence[str]) -> None:
    kind = type(model).__name__
    try:
        check_is_fitted(model)
    except NotFittedError as error:
        raise ExportRefused(f"{kind} is not fitted: fit it in the module, or in the function") from error
    except TypeError as error:
        raise ExportRefused(f"{kind} is neither a scikit-learn estimator nor a torch module") from error
    if not hasattr(model, "predict_proba"):
        raise ExportRefused(f"{kind} has no predict_proba: export a classifier that gives probabilities")
    _check_features(model, features)
    _check_labels(model, labels)


def _check_features(model: Any, features: Sequence[str]) -> None:
    if model.n_features_in_ != len(features):
        raise ExportRefused(
            f"it was fitted to {model.n_features_in_} features, and --features has {len(features)}"
        )
    names = list(getattr(model, "feature_names_in_", features))
    if names != list(features):
        raise ExportRefused(f"it was fitted to other features: --features {','.join(names)}")


def _check_labels(model: Any, labels: Sequence[str]) -> None:
    classes = list(model.classes_)
    if len(classes) != len(labels):
        raise ExportRefused(
            f"it tells {len(classes)} classes apart ({classes}), and --labels has {len(labels)}"
        )
    if all(isinstance(one, str) for one in classes) and classes != list(labels):
        raise ExportRefused(f"its classes are others, or in another order: --labels {','.join(classes)}")
