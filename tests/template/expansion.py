"""template.yaml as CloudFormation sees it: expanded by SAM's own translator, without AWS."""

import os
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from infra.local.intrinsics import Resolver

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]


class NoManagedPolicies:
    """Stands for the list of managed policies that SAM asks AWS for; this template uses none."""

    def load(self) -> dict[str, str]:
        return {}


def source() -> Json:
    """template.yaml as it is written."""
    template: Json = yaml_parse((ROOT / "template.yaml").read_text())
    return template


@cache
def _expanded(code_hash: str) -> Json:
    template = source()
    for resource in template["Resources"].values():
        for path in {"CodeUri", "ContentUri"} & resource.get("Properties", {}).keys():
            resource["Properties"][path] = f"s3://build/{path}"  # as after the upload
    with patch.dict(os.environ, AWS_DEFAULT_REGION="eu-central-1"):
        expanded: Json = transform(template, {"CodeHash": code_hash}, NoManagedPolicies())
    return expanded


def expand(code_hash: str = "0" * 64) -> Json:
    """The expanded template of a build whose code has this hash (64 hexadecimal digits)."""
    return deepcopy(_expanded(code_hash))


def deployed(**parameters: str) -> Json:
    """The template's resources and outputs as CloudFormation makes them with these parameters."""
    template = expand()
    given = {"Environment": "prod", "CodeHash": "0" * 64, **parameters}
    resolver = Resolver(template, given, lambda name: name, lambda name, attribute: f"{name}.{attribute}")
    return {
        part: {
            name: resolver.value(one)
            for name, one in template[part].items()
            if "Condition" not in one or resolver.condition(one["Condition"])
        }
        for part in ("Resources", "Outputs")
    }


def resources(template: Json, kind: str) -> dict[str, Json]:
    """The properties of each resource of a type, such as AWS::Lambda::Function, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }
