"""Make a new model in a folder of its own: nothing of the project changes."""

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import NamedTuple

from coldframe.errors import ColdframeError
from infra.cli.new.checks import write_checks
from infra.cli.new.files import FREEDOM, Plan, write
from infra.cli.new.names import places
from infra.cli.new.template import LIKE
from models.forge import features, linear_text
from models.forge.crossfit import Progress
from models.forge.rows import Rows
from models.forge.version import version_in

MEASURED_ROWS_MAX_COUNT = 5_000  # beyond it, cross-validation takes minutes


class Made(NamedTuple):
    """What came of it: `brier` by kind of features, and the kind that was taken."""

    features: str
    brier: Mapping[str, float]
    trained: linear_text.Trained


def make(plan: Plan, rows: Rows, data: Path, root: Path, folder: Path, progress: Progress) -> Made:
    """Choose the features, write the files into `folder`, train, and describe the endpoint.

    Raises what `linear_text.train` does, and `ColdframeError` where the endpoint's app does not load.
    """
    brier = features.compare(rows, plan.buckets, [FREEDOM] * plan.contrasts, progress)
    best = min(brier, key=brier.__getitem__)
    write(plan, best, (root / "functions" / LIKE / "Makefile").read_text(encoding="utf-8"), folder)
    function, model, document = (folder / place for place in places(plan.name))
    recipe = _recipe(model / "recipe.py")
    measured = plan.rows <= MEASURED_ROWS_MAX_COUNT
    trained = linear_text.train(recipe, data, cv=measured, progress=progress, folder=model)
    write_checks(model / "checks.csv", rows, version_in(model))
    document.parent.mkdir(parents=True)
    document.write_text(openapi(function / "app.py", root), encoding="utf-8")
    return Made(best, brier, trained)


def _recipe(path: Path) -> linear_text.Recipe:
    """The recipe as it was written, so that the next training does the same."""
    spec = spec_from_file_location(f"new_{path.parent.name}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a module")
    module = module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    recipe: linear_text.Recipe = module.RECIPE
    return recipe


def openapi(app: Path, root: Path) -> str:
    """The document as a process of its own gives it: an app reads its environment when it is imported.

    Raises `ColdframeError` where the app does not load.
    """
    code = "import sys; from pathlib import Path; from infra.openapi import document; " + (
        "sys.stdout.reconfigure(encoding='utf-8'); sys.stdout.write(document(Path(sys.argv[1])))"
    )
    done = subprocess.run(  # noqa: S603 - this interpreter and the file just written
        [sys.executable, "-B", "-c", code, str(app)],
        cwd=root,
        env=os.environ | {"POWERTOOLS_SERVICE_NAME": app.parent.name},
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise ColdframeError(f"The new endpoint's app does not load: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout
