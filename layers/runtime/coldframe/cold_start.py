"""What an environment does first, and last, of its cold start."""

import gc
import os

from coldframe.slot import ModelSlot


def begin() -> ModelSlot:
    """Start fetching the model, then import FastAPI, which takes the longest."""
    slot = ModelSlot.from_environment().start()
    import_fastapi()
    return slot


def import_fastapi() -> None:
    """Import FastAPI as quickly as it can be; a function without a model begins with it.

    FastAPI declares some forty pydantic models for its OpenAPI document; built when they are first used
    instead of at once, they cost a cold start nothing (some 70 ms on one core).
    """
    gc.disable()  # imports make little garbage and many objects to look through
    from pydantic import BaseModel

    BaseModel.model_config["defer_build"] = True
    import fastapi  # noqa: F401

    del BaseModel.model_config["defer_build"]


def end(slot: ModelSlot | None) -> None:
    """Wait for the model, and leave what was imported out of every later garbage collection."""
    if slot is not None:
        slot.wait()
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        from coldframe import snapstart

        snapstart.register(slot)
    gc.freeze()
    gc.enable()
