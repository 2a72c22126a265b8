import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INFERENCE = ROOT / "docs/openapi/inference.json"  # whose protocol has errors of its own
WITH_PROBLEMS = sorted(set((ROOT / "docs/openapi").glob("*.json")) - {INFERENCE})
BY_THE_GATEWAY = {"403", "413", "429"}


def test_the_committed_documents_are_what_the_functions_serve() -> None:
    """In a fresh process, as the documents are written: to take a change, run `python -m infra.openapi`."""
    code = "import json, infra.openapi; print(json.dumps(infra.openapi.documents()))"
    served = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    committed = {path.stem: path.read_text("utf-8") for path in (ROOT / "docs/openapi").glob("*.json")}
    import json

    assert json.loads(served.stdout) == committed
    assert committed


@pytest.mark.parametrize("path", WITH_PROBLEMS, ids=lambda path: path.stem)
def test_every_error_is_documented_as_a_problem(path: Path) -> None:
    import json

    document = json.loads(path.read_text("utf-8"))
    for operations in document["paths"].values():
        if "post" in operations:
            responses = operations["post"]["responses"]
            assert {"415", "422", "503"} <= set(responses)
            for status in ("415", "422", "503"):
                schema = responses[status]["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}
    assert set(document["components"]["schemas"]["Problem"]["required"]) >= {
        "type",
        "title",
        "status",
        "detail",
    }


def test_the_inference_protocols_errors_are_documented_as_it_has_them() -> None:
    import json

    document = json.loads(INFERENCE.read_text("utf-8"))
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                kind, schema = (
                    ("application/problem+json", "Problem")
                    if status in BY_THE_GATEWAY
                    else ("application/json", "Error")
                )
                if status != "200":
                    reference = {"$ref": f"#/components/schemas/{schema}"}
                    assert response["content"][kind]["schema"] == reference, (path, status)
        if "post" in operations:
            assert {"400", "403", "404", "413", "415", "429", "503"} < set(operations["post"]["responses"])
    assert document["components"]["schemas"]["Error"]["required"] == ["error"]
