"""Which route a request takes: resources as API Gateway matches them, under the stage."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from infra.local.gateway_responses import GatewayError
from infra.local.stack import Route

PARAMETER = re.compile(r"\{([^}+]+)(\+?)\}$")


class Match(NamedTuple):
    """`path` is without the stage; `parameters` are percent-encoded, as API Gateway passes them on."""

    route: Route
    path: str
    parameters: Mapping[str, str]


class Router:
    """Matches literal segments before {parameters}, those before {greedy+}, and a named method before ANY."""

    def __init__(self, stage: str, routes: Iterable[Route]) -> None:
        self._prefix = f"/{stage}"
        self._resources: dict[str, dict[str, Route]] = {}
        for route in routes:
            self._resources.setdefault(route.path, {})[route.method] = route
        self._order = sorted(self._resources, key=_rank)

    def match(self, method: str, raw_path: str) -> Match:
        """Give the route of a raw (percent-encoded) path; raise GatewayError where there is none.

        API Gateway does not tell an unknown method from an unknown path.
        """
        path = raw_path.removeprefix(self._prefix)
        if path != raw_path and path.startswith("/"):
            segments = path.split("/")[1:]
            for resource in self._order:
                parameters = _parameters(resource.split("/")[1:], segments)
                if parameters is not None:
                    return Match(self._route(resource, method), path, parameters)
        raise GatewayError("MISSING_AUTHENTICATION_TOKEN")

    def _route(self, resource: str, method: str) -> Route:
        methods = self._resources[resource]
        route = methods.get(method) or methods.get("ANY")
        if route is None:
            raise GatewayError("MISSING_AUTHENTICATION_TOKEN")
        return route


def _rank(path: str) -> list[int]:
    return [_segment_rank(segment) for segment in path.split("/")[1:]]


def _segment_rank(segment: str) -> int:
    found = PARAMETER.match(segment)
    if found is None:
        return 0
    return 2 if found[2] else 1


def _parameters(resource: list[str], segments: list[str]) -> dict[str, str] | None:
    """Give the path parameters, or None where the segments are not of that resource."""
    values: dict[str, str] = {}
    for index, part in enumerate(resource):
        found = PARAMETER.match(part)
        if index >= len(segments):
            return None
        if found and found[2]:
            rest = "/".join(segments[index:])
            return {**values, found[1]: rest} if rest else None
        if found and segments[index]:
            values[found[1]] = segments[index]
        elif unquote(segments[index]) != part:
            return None
    return values if len(segments) == len(resource) else None
