"""CloudFormation's intrinsic functions, resolved with local values.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from infra.local.errors import TemplateRefused
from infra.local.settings import ACCOUNT_ID, LOCAL_STACK, REGION

NO_VALUE = object()
PSEUDO_PARAMETERS: Mapping[str, Any] = {
    "AWS::AccountId": ACCOUNT_ID,
    "AWS::NoValue": NO_VALUE,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT_ID}:stack/{LOCAL_STACK}/local",
    "AWS::StackName": LOCAL_STACK,
    "AWS::URLSuffix": "amazonaws.com",
}
VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


class Resolver:
    """Resolve any value of an expanded template.

    `ref` and `attribute` give a resource's physical id and its attributes; whatever has no local value raises
    TemplateRefused.
    """

    def __init__(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
        ref: Callable[[str], str],
        attribute: Callable[[str, str], str],
    ) -> None:
        self._parameters = parameter_values(template.get("Parameters", {}), parameters)
        self._conditions = template.get("Conditions", {})
        self._mappings = template.get("Mappings", {})
        self._ref, self._attribute = ref, attribute
        self._functions: Mapping[str, Callable[[Any], Any]] = {
            "Ref": self.reference,
            "Fn::GetAtt": self._get_attribute,
            "Fn::Sub": self._substitute,
            "Fn::If": self._if,
            "Fn::Join": lambda pair: pair[0].join(map(str, self.value(pair[1]))),
            "Fn::Select": lambda pair: self.value(pair[1])[int(self.value(pair[0]))],
            "Fn::Split": lambda pair: self.value(pair[1]).split(pair[0]),
            "Fn::FindInMap": self._find_in_map,
            "Condition": self.condition,
            "Fn::And": lambda terms: all(map(self.value, terms)),
            "Fn::Or": lambda terms: any(map(self.value, terms)),
            "Fn::Not": lambda terms: not self.value(terms[0]),
            "Fn::Equals": lambda pair: str(self.value(pair[0])) == str(self.value(pair[1])),
        }

    def value(self, node: Any) -> Any:
        """Give `node` with every intrinsic function in it replaced by its value."""
        if isinstance(node, list):
            return [item for item in map(self.value, node) if item is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1 and is_intrinsic(name := next(iter(node))):
            return self._function(name)(node[name])
        pairs = ((key, self.value(item)) for key, item in node.items())
        return {key: item for key, item in pairs if item is not NO_VALUE}

    def condition(self, name: str) -> bool:
        return bool(self.value(self._conditions[name]))

    def reference(self, name: str) -> Any:
        for known in (PSEUDO_PARAMETERS, self._parameters):
            if name in known:
                return known[name]
        return self._ref(name)

    def _function(self, name: str) -> Callable[[Any], Any]:
        if name in self._functions:
            return self._functions[name]
        raise TemplateRefused(f"{name} has no local counterpart: write the value without it.")

    def _get_attribute(self, pair: list[str]) -> str:
        return self._attribute(pair[0], pair[1])

    def _substitute(self, argument: Any) -> str:
        text, extra = argument if isinstance(argument, list) else (argument, {})

        def replace(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in extra:
                return str(self.value(extra[name]))
            logical_id, dot, attribute = name.partition(".")
            return self._attribute(logical_id, attribute) if dot else str(self.reference(name))

        return VARIABLE.sub(replace, text)

    def _if(self, terms: list[Any]) -> Any:
        return self.value(terms[1] if self.condition(terms[0]) else terms[2])

    def _find_in_map(self, path: list[Any]) -> Any:
        table, first, second = map(self.value, path)
        return self._mappings[table][first][second]


def is_intrinsic(key: str) -> bool:
    return key in ("Ref", "Condition") or key.startswith("Fn::")


def parameter_values(declared: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Give each parameter its local value or its default; raise TemplateRefused where it has neither."""
    values = {}
    for name, declaration in declared.items():
        if name not in given and "Default" not in declaration:
            raise TemplateRefused(
                f"Parameter {name} has no default: give it one, or a local value in infra/local/settings.py."
            )
        values[name] = given.get(name, declaration.get("Default"))
        if declaration.get("Type") == "CommaDelimitedList":
            values[name] = [item.strip() for item in str(values[name]).split(",")]
    return values
