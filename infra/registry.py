"""The registry of a place, for programs: `from infra import registry`, then `registry.local()`."""

from infra.cli.place import Place, place
from models.forge.model_registry import ModelRegistry


def local() -> ModelRegistry:
    """Return the registry of the local cloud (`make run`), at COLDFRAME_PORT if that is set.

    Raises `NotThere` when it does not run. The process then speaks to no AWS but that one.
    """
    return _of(place(None))


def of_stack(name: str) -> ModelRegistry:
    """Return the registry of a stack on AWS, such as coldframe-dev. Raises `NotThere`."""
    return _of(place(name))


def _of(where: Place) -> ModelRegistry:
    return ModelRegistry(where.store(), where.environment)
