"""Whatever a graph or a tokenizer is made of, opening it gives an encoder or MalformedArtifact.

Bytes are checked by their SHA-256 before they are opened, so this is what a publisher may do, by mistake or
not. It is tried in a process of its own: a crash of the C++ libraries is an exit status there.
"""

import json
import subprocess
import sys
from typing import Any

from coldframe import limits
from tests.onnx_attempts import FLIPS

LIBRARIES_MAX_BYTES = 400_000_000


def attempts(kind: str) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.onnx_attempts", kind], capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr[-2_000:]
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    assert found["peak_bytes"] < limits.ONNX_MEMORY_MAX_BYTES + LIBRARIES_MAX_BYTES
    return found


def test_any_bytes_are_opened_or_refused_without_a_crash() -> None:
    found = attempts("random")
    assert found["opened"] + found["refused"] == FLIPS + 10
    assert found["refused"] > FLIPS / 4


def test_crafted_graphs_and_tokenizers_are_refused_and_read_no_other_file() -> None:
    found = attempts("crafted")
    assert found["opened"] == 1
    assert found["refused"] > 30
    assert "root:" not in json.dumps(found["messages"])
