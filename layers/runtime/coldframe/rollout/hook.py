"""CodeDeploy's BeforeAllowTraffic: try the new version, and always say how it went.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.config import Config

from coldframe import limits
from coldframe.errors import RolloutRefused
from coldframe.rollout import smoke, verdict
from coldframe.rollout.deployment import Deployment
from coldframe.telemetry import logger

if TYPE_CHECKING:
    from mangum.types import LambdaContext
    from mypy_boto3_codedeploy.client import CodeDeployClient
    from mypy_boto3_codedeploy.literals import LifecycleEventStatusType
    from mypy_boto3_lambda.client import LambdaClient

PREFIX = "smoke_"  # of the variables, one a function: its name, and its OpenAPI document's path if it has one
Invoke = Callable[[str, smoke.Smoke], verdict.Reply]


@dataclass(frozen=True)
class Hook:
    """`documents` are the paths of OpenAPI documents by function; one without takes messages of a queue."""

    codedeploy: "CodeDeployClient"
    functions: "LambdaClient"
    documents: Mapping[str, str]
    secret: str | None

    @classmethod
    def from_environment(cls) -> Self:
        """Make the hook that the `smoke_` variables and SIGNING_SECRETS describe."""
        named = (value.partition(" ") for name, value in os.environ.items() if name.startswith(PREFIX))
        secret = os.environ.get("SIGNING_SECRETS", "").partition(",")[0].strip()
        return cls(
            boto3.client("codedeploy", config=_bounded(limits.ROLLOUT_CODEDEPLOY_SECONDS)),
            boto3.client("lambda", config=_bounded(limits.ROLLOUT_INVOKE_SECONDS)),
            {function: path for function, _, path in named},
            secret or None,
        )

    def handle(self, event: Mapping[str, str], context: "LambdaContext") -> dict[str, str]:
        """Report `Succeeded` or `Failed`, also when this fails by itself: CodeDeploy would wait an hour."""
        status: LifecycleEventStatusType = "Failed"
        try:
            objections = list(self._objections(event["DeploymentId"], context))
            status = "Failed" if objections else "Succeeded"
            logger.info("the new version was tried", objections=objections)
        except Exception:  # noqa: BLE001 - whatever it is, CodeDeploy is told
            logger.exception("the new version could not be tried")
        finally:
            self.codedeploy.put_lifecycle_event_hook_execution_status(
                deploymentId=event["DeploymentId"],
                lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
                status=status,
            )
        return {"status": status}

    def _objections(self, deployment_id: str, context: "LambdaContext") -> Iterator[str]:
        deployment = Deployment.read(self.codedeploy, deployment_id)

        def invoke(version: str, one: smoke.Smoke) -> verdict.Reply:
            _check_time(context)
            return self._invoke(deployment.function, version, one)

        for one in self._smokes(deployment, invoke):
            reply = invoke(deployment.target, one)
            serving = invoke(deployment.current, one) if verdict.needs_comparison(reply) else None
            if told := verdict.objection(one.name, reply, serving):
                yield told

    def _smokes(self, deployment: Deployment, invoke: Invoke) -> Iterator[smoke.Smoke]:
        path = self.documents.get(deployment.function)
        if path is None:
            raise RolloutRefused(
                f"no variable says how to try {deployment.function}: add {PREFIX}NAME to HookFunction in "
                "template.yaml"
            )
        if not path:
            return iter([smoke.EMPTY_BATCH])
        asked = smoke.request("GET", path)
        reply = invoke(deployment.target, asked)
        if told := verdict.objection(asked.name, reply):
            raise RolloutRefused(f"the new version does not describe itself: {told}")
        return smoke.smokes(json.loads(reply.payload["body"]), self.secret)

    def _invoke(self, function: str, version: str, one: smoke.Smoke) -> verdict.Reply:
        answer = self.functions.invoke(
            FunctionName=function, Qualifier=version, Payload=json.dumps(one.event).encode()
        )
        return verdict.Reply(json.load(answer["Payload"]), answer.get("FunctionError"))


def _bounded(seconds: float) -> Config:
    return Config(
        connect_timeout=limits.ROLLOUT_CONNECT_SECONDS,
        read_timeout=seconds,
        retries={"mode": "standard", "total_max_attempts": limits.ROLLOUT_ATTEMPTS_MAX_COUNT},
    )


def _check_time(context: Any) -> None:
    if context.get_remaining_time_in_millis() < limits.ROLLOUT_RESERVE_SECONDS * 1e3:
        raise RolloutRefused("the new version answers too slowly to be tried in time: see its log group")
