"""Build a knowledge base aside, then put it into the project: all of it, or nothing."""

import re
import shutil
import tomllib
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from coldframe import limits
from coldframe.errors import ColdframeError
from coldframe.manifest import KNOWLEDGE
from coldframe.triage.document import Document
from infra.cli.new import template
from infra.cli.new.making import openapi
from infra.cli.new.names import check_name, check_title, places
from infra.cli.new.placing import put
from infra.cli.new.project import ROOT, check_template, template_text
from models.forge.crossfit import Progress
from models.forge.figures import OWN_ROWS
from models.forge.folder import make_writable
from models.forge.knowledge.files import document_path
from models.forge.knowledge.read import ENDINGS
from models.forge.publish import version_after
from models.forge.version import MODELS, names, terms

if TYPE_CHECKING:
    from models.forge.knowledge.build import Built

LIKE = "tickets"
_DOCSTRING, _TITLE = re.compile(r'""".*?"""', re.DOTALL), re.compile(r'create_app\(slot, ".*"\)')
_MODEL_TOML = Path(__file__).parent / "model.toml.txt"


class Made(NamedTuple):
    """What came of it, and the files of the model in its folder."""

    built: "Built"
    folder: Path
    files: list[str]


def next_version(name: str) -> str | None:
    """The version after the one that model.toml states; None where there is no such knowledge base."""
    if name not in names():
        return None
    facts = tomllib.loads((MODELS / name / "model.toml").read_text(encoding="utf-8"))
    return version_after(facts["version"]) if facts["kind"] == KNOWLEDGE else None


def make_endpoint(document: Document, file: Path, name: str, title: str, progress: Progress) -> Made:
    """Make a model with its endpoint, as LIKE has one. Raises `ColdframeError` where there is no room."""
    check_title(title)
    check_name(name, ROOT, template_text(), LIKE)
    with TemporaryDirectory() as folder:
        staged = Path(folder)
        function, model, contract = (staged / place for place in places(name))
        built = _build(document, file, model, progress, OWN_ROWS)
        values = {"title": title, "text_max_chars": limits.LONG_TEXT_MAX_CHARS}
        text = Template(_MODEL_TOML.read_text(encoding="utf-8")).substitute(values)
        (model / "model.toml").write_text(text, encoding="utf-8")
        _write_function(function, name, title)
        contract.parent.mkdir(parents=True)
        contract.write_text(openapi(function / "app.py", ROOT), encoding="utf-8")
        files = _names(model)
        check_name(name, ROOT, template_text(), LIKE)  # somebody may have taken it meanwhile
        put(staged, ROOT, template.add(template_text(), name, None, LIKE), check_template)
    return Made(built, Path("models") / name, files)


def make_version(document: Document, file: Path, name: str, into: Path | None, progress: Progress) -> Made:
    """Make the files of another version of a model that is there, in `into` or where its files are."""
    folder, card = into or MODELS / name, MODELS / name / "card.md"
    make_writable(folder)
    with TemporaryDirectory(dir=folder, prefix=".") as built_in:  # beside them: a rename is one step
        staged = Path(built_in)
        if card.exists():
            shutil.copyfile(card, staged / card.name)  # what people wrote there stays
        built = _build(document, file, staged, progress, terms(name))
        files = _names(staged)
        for path in sorted(staged.iterdir()):
            path.replace(folder / path.name)
        for path in (document_path(folder, ending) for ending in ENDINGS):
            if path.name not in files:  # there is one of them
                path.unlink(missing_ok=True)
    return Made(built, folder, files)


def _build(document: Document, file: Path, folder: Path, progress: Progress, stated: str) -> "Built":
    from models.forge.knowledge.build import build  # brings onnxruntime, which no other command waits for

    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, document_path(folder, file.suffix))
    return build(document, folder, progress, stated)


def _write_function(folder: Path, name: str, title: str) -> None:
    """The function of LIKE, whose routes follow the model's name, under another title."""
    like = ROOT / "functions" / LIKE
    if not like.is_dir():
        raise ColdframeError(f"functions/{LIKE} is missing, and a new endpoint is made like it: restore it.")
    folder.mkdir(parents=True)
    app = (like / "app.py").read_text(encoding="utf-8")
    app = _DOCSTRING.sub(lambda _: f'"""{title} over HTTP."""', app, count=1)
    app = _TITLE.sub(lambda _: f'create_app(slot, "{title}")', app)
    (folder / "app.py").write_text(app, encoding="utf-8")
    makefile = (like / "Makefile").read_text(encoding="utf-8")
    makefile = makefile.replace(LIKE.capitalize(), name.capitalize()).replace(LIKE, name)
    (folder / "Makefile").write_text(makefile, encoding="utf-8")


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
