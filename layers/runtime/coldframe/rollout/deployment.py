"""What CodeDeploy is about to do, as its AppSpec says it.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from coldframe.errors import RolloutRefused

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.client import CodeDeployClient


@dataclass(frozen=True)
class Deployment:
    """A function's name, the version that has the traffic, and the one that is to have it."""

    function: str
    current: str
    target: str

    @classmethod
    def read(cls, client: "CodeDeployClient", deployment_id: str) -> Self:
        """Ask CodeDeploy for the AppSpec of a deployment: only its application has it whole."""
        info = client.get_deployment(deploymentId=deployment_id)["deploymentInfo"]
        found = client.get_application_revision(
            applicationName=info["applicationName"], revision=info["revision"]
        )
        return cls.parse(found["revision"].get("string", {}).get("content", ""))

    @classmethod
    def parse(cls, appspec: str) -> Self:
        """Read the one function of an AppSpec in JSON, as CloudFormation writes it.

        Raises `RolloutRefused` where it is something else.
        """
        try:
            (resource,) = json.loads(appspec)["Resources"]
            (function,) = resource.values()
            properties = function["Properties"]
            return cls(properties["Name"], properties["CurrentVersion"], properties["TargetVersion"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RolloutRefused(
                "the deployment's AppSpec does not name one function and its versions in JSON: deploy with "
                "`make deploy`, which has CloudFormation write it"
            ) from error
