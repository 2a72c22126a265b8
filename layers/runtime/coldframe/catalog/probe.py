"""The process that tries a version: it loads it, lets it answer, and says what was wrong.

`python -m coldframe.catalog.probe NAME VERSION MANIFEST_SHA256`, with the function's own variables.
"""

import json
import os
import resource
import sys

from coldframe import limits
from coldframe.changes import Target
from coldframe.errors import ArtifactError, StoreError
from coldframe.loading import LoadedModel, Stopwatch, load
from coldframe.manifest import FEATURE_ROWS
from coldframe.store import Store

PROBLEM = "problem"
_TEXT = {"text": "Good morning"}  # for a model that has no example of its own


def main(name: str, version: str, manifest_sha256: str) -> None:
    """Write one line on standard output: {"problem": null}, or what is wrong.

    What else is printed there goes to standard error.
    """
    resource.setrlimit(resource.RLIMIT_DATA, (limits.PROBE_MEMORY_MAX_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with os.fdopen(os.dup(1), "w") as answer:
        os.dup2(2, 1)
        found = problem_of(name, Target(version, manifest_sha256))
        answer.write(json.dumps({PROBLEM: found and found[: limits.PROBE_PROBLEM_MAX_CHARS]}) + "\n")


def problem_of(name: str, target: Target) -> str | None:
    """Load a version and let it answer; return what is wrong, if anything is."""
    try:
        store = Store.open(os.environ["MODEL_BUCKET"])
        return _wrong_answer(load(store, name, target, Stopwatch()))
    except (ArtifactError, StoreError) as error:
        return str(error)
    except MemoryError:
        return (
            f"it takes more than the {limits.PROBE_MEMORY_MAX_BYTES:,} bytes of memory that a trial may take"
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this version that fails
        return f"it fails: {error!r}"


def _wrong_answer(model: LoadedModel) -> str | None:
    if model.manifest.kind == FEATURE_ROWS:
        return None  # it answered to two rows when it was opened
    example = next(iter(model.manifest.smoke), _TEXT)
    ((words, _numbers),) = model.predictor.rows([example["text"]])
    if words[-1] != example.get("label", words[-1]):
        return f"it calls {example['text']!r} {words[-1]}, and should call it {example['label']}"
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
