"""Whatever is sent, right or wrong, the answer is as the endpoint's OpenAPI document says.

COLDFRAME_EXAMPLES says how many for each operation. The full run is
`COLDFRAME_EXAMPLES=500 .venv/bin/pytest -o faulthandler_timeout=600 tests/e2e/test_schemas.py`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import made_knowledge
from tests.e2e.running import KEY, ROOT, Cloud

SCHEMATHESIS = [sys.executable, "-m", "schemathesis.cli", "--config-file", "tests/e2e/schemathesis.toml"]
EXAMPLES = int(os.environ.get("COLDFRAME_EXAMPLES", "30"))
DOCUMENTS = sorted((ROOT / "docs/openapi").glob("*.json"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.stem)
def test_every_answer_is_as_documented(cloud: Cloud, document: Path, tmp_path: Path) -> None:
    if document.stem == "tickets":
        made_knowledge.published(cloud.models(), "v0.9.0")  # small, so that many examples take little time
    report = tmp_path / "report.json"
    options = {
        "--url": f"http://127.0.0.1:{cloud.port}/v1",
        "--header": f"x-api-key: {KEY}",
        "--max-examples": str(EXAMPLES),
        "--report-json-path": str(report),
    }
    words = [word for option in options.items() for word in option]
    program = [*SCHEMATHESIS, "run", str(document), *words]
    run = subprocess.run(program, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    said = json.loads(report.read_text())
    assert said["operations"]["tested"] == said["operations"]["total"]
    assert said["test_cases"]["generated"] >= EXAMPLES * said["operations"]["total"]
