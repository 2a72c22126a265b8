"""The project that a new model becomes part of."""

from pathlib import Path

from infra.cli.new.placing import TEMPLATE
from infra.local.settings import LOCAL_PARAMETERS
from infra.local.template import read_template

ROOT = Path(__file__).parents[3]


def template_text() -> str:
    """The template as it stands."""
    return (ROOT / TEMPLATE).read_text(encoding="utf-8")


def check_template() -> None:
    """Raise TemplateRefused unless the local cloud could serve the template now."""
    read_template(ROOT / TEMPLATE, LOCAL_PARAMETERS, "http://127.0.0.1", {})
