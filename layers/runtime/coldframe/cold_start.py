"""What an environment does first, and last, of its cold start."""

import gc

from coldframe.slot import ModelSlot


def begin() -> ModelSlot:
    """Start fetching the model, then import FastAPI, which takes the longest, as quickly as it can be.

    FastAPI declares some forty pydantic models for its OpenAPI document; built when they are first used
    instead of at once, they cost a cold start nothing (some 70 ms on one core).
    """
    gc.disable()  # imports make little garbage and many objects to look through
    slot = ModelSlot.from_environment().start()
    from pydantic import BaseModel

    BaseModel.model_config["defer_build"] = True
    import fastapi  # noqa: F401

    del BaseModel.model_config["defer_build"]
    return slot


def end(slot: ModelSlot) -> None:
    """Wait for the model, and leave what was imported out of every later garbage collection."""
    slot.wait()
    gc.freeze()
    gc.enable()
