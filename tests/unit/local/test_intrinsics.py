from typing import Any

import pytest

from infra.local.errors import TemplateRefused
from infra.local.intrinsics import Resolver

TEMPLATE = {
    "Parameters": {
        "Environment": {"Type": "String", "Default": "prod"},
        "Zones": {"Type": "CommaDelimitedList", "Default": "a, b"},
    },
    "Mappings": {"Sizes": {"dev": {"Memory": 128}}},
    "Conditions": {
        "IsDev": {"Fn::Equals": [{"Ref": "Environment"}, "dev"]},
        "IsNotDev": {"Fn::Not": [{"Condition": "IsDev"}]},
        "Both": {"Fn::And": [{"Condition": "IsDev"}, {"Condition": "IsNotDev"}]},
        "Either": {"Fn::Or": [{"Condition": "IsDev"}, {"Condition": "IsNotDev"}]},
    },
}
RESOLVER = Resolver(
    TEMPLATE,
    {"Environment": "dev"},
    ref=lambda name: f"<{name}>",
    attribute=lambda name, part: f"<{name} {part}>",
)


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"Ref": "Environment"}, "dev"),
        ({"Ref": "Zones"}, ["a", "b"]),
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Ref": "Bucket"}, "<Bucket>"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "<Queue Arn>"),
        ({"Fn::Sub": "${Environment}-${Bucket}-${Queue.Arn}-${!Kept}"}, "dev-<Bucket>-<Queue Arn>-${Kept}"),
        ({"Fn::Sub": ["${A}/${Environment}", {"A": {"Ref": "Bucket"}}]}, "<Bucket>/dev"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Environment"}, 1]]}, "a-dev-1"),
        ({"Fn::Select": ["1", {"Fn::Split": [",", "a,b"]}]}, "b"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Environment"}, "Memory"]}, 128),
        ({"Fn::If": ["IsDev", {"a": {"Ref": "Environment"}}, "no"]}, {"a": "dev"}),
        (
            {"a": {"Ref": "AWS::NoValue"}, "b": [{"Fn::If": ["IsDev", {"Ref": "AWS::NoValue"}, 1]}, 2]},
            {"b": [2]},
        ),
        ({"Condition": "Both"}, False),
        ({"Condition": "Either"}, True),
    ],
)
def test_each_function_is_resolved(node: Any, value: Any) -> None:
    assert RESOLVER.value(node) == value


def test_another_function_is_refused() -> None:
    with pytest.raises(TemplateRefused, match="Fn::ImportValue"):
        RESOLVER.value({"Fn::ImportValue": "a"})
