import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


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


@pytest.mark.parametrize("path", sorted((ROOT / "docs/openapi").glob("*.json")), ids=lambda path: path.stem)
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
