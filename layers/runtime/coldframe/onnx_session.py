"""How onnxruntime opens a graph here: what every kind that is stored in ONNX has in common."""

import os
from typing import TYPE_CHECKING

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # before the import: it sends usage data to its vendor

import onnxruntime

from coldframe import limits

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_NOWHERE = f"{os.devnull}/none"  # in a file that is no folder
# All sessions share one arena, which has an end: what a graph asks for need not depend on what it is given.
onnxruntime.create_and_register_allocator(
    onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    ),
    onnxruntime.OrtArenaCfg(limits.ONNX_MEMORY_MAX_BYTES, -1, -1, -1),  # the rest as it is without
)


def open_session(graph: bytes | str, threads: int) -> "InferenceSession":
    """Open an ONNX file (its bytes, or its path), to run on so many threads a call.

    Raises what onnxruntime raises when it cannot: kinds of its own, derived from nothing but `Exception`.
    """
    return onnxruntime.InferenceSession(graph, _options(threads), providers=["CPUExecutionProvider"])


def vcpus() -> int:
    """Return how many whole vCPUs the function's memory buys, at least 1.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
    """
    return max(int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", 0)) // limits.VCPU_MB, 1)


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin while they wait take their vCPU from what they wait for.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The graph runs as it was checked when it was made: looking for more takes most of a session's start.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.use_env_allocators", "1")
    # Weights that a graph keeps in other files have no SHA-256: they are looked for where nothing can be.
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", _NOWHERE)
    options.log_severity_level = 3  # errors; it warns of CPU facts that Lambda hides
    return options
