"""template.yaml, expanded by AWS's own translator. https://github.com/aws/serverless-application-model"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from infra.local.errors import TemplateRefused
from infra.local.session import local_session
from infra.local.settings import LOCAL_PARAMETERS

LOCAL_CODE = "s3://local/"
CODE_PROPERTIES = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}


def expand(path: Path, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Read a SAM template as plain CloudFormation; raise TemplateRefused when it is no valid one."""
    template = _read(path)
    _name_local_code(template)
    known = template.get("Parameters", {})
    if unknown := sorted(parameters.keys() - known.keys() - LOCAL_PARAMETERS.keys()):
        raise TemplateRefused(f"{path.name} has no parameter {', '.join(unknown)}: correct the name.")
    declared = {name: value for name, value in parameters.items() if name in known}
    _quiet_translator()
    translator = Translator({}, Parser(), boto_session=local_session())
    try:
        expanded: dict[str, Any] = translator.translate(template, declared)
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes)
        raise TemplateRefused(f"{path.name} is not a valid SAM template: {causes}") from error
    return expanded


def _read(path: Path) -> dict[str, Any]:
    try:
        template = yaml_parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise TemplateRefused(
            f"There is no {path}: start from the folder that holds the template."
        ) from error
    except yaml.YAMLError as error:
        raise TemplateRefused(f"{path.name} is not valid YAML: {error}") from error
    if isinstance(template, dict) and isinstance(template.get("Resources"), dict):
        return template
    raise TemplateRefused(f"{path.name} has no Resources: it is not a template.")


def _name_local_code(template: dict[str, Any]) -> None:
    """The translator takes code only from S3: name each folder as if it were there."""
    default = template.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    for logical_id, resource in template["Resources"].items():
        name = CODE_PROPERTIES.get(resource.get("Type", ""))
        if name is None:
            continue
        folder = resource.setdefault("Properties", {}).get(name, default)
        if not isinstance(folder, str):
            raise TemplateRefused(f"{logical_id}: {name} must be a folder beside the template.")
        resource["Properties"][name] = LOCAL_CODE + folder


def _quiet_translator() -> None:
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
