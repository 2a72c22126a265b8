"""A model by its name in Python, as in `package.module:model`: no pickle is ever read."""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from models.forge.export.parent import ExportRefused

_TORCH = "torch is not installed here, and only exporting needs it: .venv/bin/pip install torch==2.13.0"


def read_model(reference: str) -> object:
    """Import the module, from this folder too, and return its object; a function is called for it.

    What the module runs, runs here: import only what you trust. Raises `ExportRefused` when there is no such
    module or name, and what the module's own code raises.
    """
    module, colon, name = reference.partition(":")
    if not (module and colon and name.isidentifier()):
        raise ExportRefused(f"{reference!r} names no model: write package.module:model")
    with _from_here():
        found = getattr(_imported(module), name, None)
        if found is None:
            raise ExportRefused(f"{module} has no {name}: name what its code assigns or defines")
        return _called(found) if inspect.isfunction(found) else found


def _called(function: Callable[..., object]) -> object:
    try:
        inspect.signature(function).bind()
    except TypeError as error:
        raise ExportRefused(f"{function.__name__} cannot be called without arguments: {error}") from error
    return function()


def _imported(module: str) -> object:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name == "torch":
            raise ExportRefused(_TORCH) from error
        raise ExportRefused(
            f"{module} cannot be imported, because there is no module {error.name}: run this in the folder "
            "that it lies in, or install it"
        ) from error


@contextmanager
def _from_here() -> Iterator[None]:
    """Let modules be found in the current folder, as `python -m` does."""
    before = list(sys.path)
    sys.path.insert(0, str(Path.cwd()))
    try:
        yield
    finally:
        sys.path[:] = before
