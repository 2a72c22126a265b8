"""Write the functions' OpenAPI documents to docs/openapi, where a change of the contract shows as a diff."""

import json
import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs/openapi"
# Nothing answers there: a document needs no model.
ENVIRONMENT = {
    "MODEL_BUCKET": "none",
    "INBOX_BUCKET": "none",
    "RESULTS_BUCKET": "none",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def documents() -> dict[str, str]:
    """Return the document of each function that serves HTTP as text, by the function's name."""
    apps = sorted((ROOT / "functions").glob("*/app.py"))
    return {path.parent.name: document(path) for path in apps if "create_handler(" in path.read_text("utf-8")}


def document(path: Path) -> str:
    """Return the OpenAPI document of an app.py, whose folder names the function."""
    os.environ.update(ENVIRONMENT, MODEL_NAME=path.parent.name, POWERTOOLS_METRICS_NAMESPACE="Coldframe")
    return json.dumps(load_app(path).app.openapi(), ensure_ascii=False, indent=2) + "\n"


def load_app(path: Path) -> ModuleType:
    """Import an app.py afresh, under its folder's name."""
    spec = spec_from_file_location(f"function_{path.parent.name}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a module")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # pydantic resolves annotations there
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in documents().items():
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
