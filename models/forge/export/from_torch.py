"""A torch module as a graph. torch is imported only here: whoever has a module has it."""

import io
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from models.forge.export.parent import INPUT, OUTPUT, ExportRefused, Parent
from models.forge.export.parity import random_rows

OPSET = 20  # the newest of the exporter that needs no package beside torch
_SUM_TOLERANCE = 1e-4


def is_module(model: object) -> bool:
    """Say whether this is a torch module, without importing torch."""
    return any(kind.__module__ == "torch.nn.modules.module" for kind in type(model).__mro__)


def parent(module: Any, features: Sequence[str], labels: Sequence[str]) -> Parent:
    """Take a module of (rows, features) to (rows, labels), on the CPU and as it answers when not trained.

    Where its answers to random rows are no probabilities, they are logits, and a softmax is put behind it.
    Raises `ExportRefused` when it takes or gives other shapes, or holds what torch's exporter does not know.
    """
    import torch

    whole = module.eval().cpu()
    try:
        found = _run(whole, random_rows(len(features)))
        if found.ndim != 2 or found.shape[1] != len(labels):
            raise ExportRefused(
                f"the module gives the shape {found.shape[1:]} for a row: it must give a logit or a "
                f"probability for each of the {len(labels)} labels"
            )
        if not _are_probabilities(found):
            whole = torch.nn.Sequential(whole, torch.nn.Softmax(dim=1)).eval()
        graph = _graph(whole, len(features))
    except ExportRefused:
        raise
    except Exception as error:  # a module raises whatever its code does
        raise ExportRefused(f"torch cannot run or export {type(module).__name__}: {error}") from error
    return Parent(graph, lambda rows: _run(whole, rows), ("torch",))


def _run(module: Any, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """One row a call, as it will be served: a module may look at all the rows that it gets."""
    import torch

    with torch.no_grad():
        found = [module(torch.from_numpy(rows[place : place + 1])).numpy() for place in range(len(rows))]
    return np.concatenate(found).astype(np.float64)


def _graph(module: Any, width: int) -> onnx.ModelProto:
    import torch

    file = io.BytesIO()
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # the newer needs onnxscript
        torch.onnx.export(
            module,
            (torch.zeros(1, width),),
            file,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: "rows"}, OUTPUT: {0: "rows"}},
            opset_version=OPSET,
            dynamo=False,
        )
    return onnx.load_from_string(file.getvalue())


def _are_probabilities(found: NDArray[np.float64]) -> bool:
    return bool((found >= 0).all() and (np.abs(found.sum(axis=1) - 1) <= _SUM_TOLERANCE).all())
