"""The local names of what the template declares: physical ids, ARNs and attributes."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from infra.local.errors import TemplateRefused
from infra.local.settings import ACCOUNT_ID, REGION

LOCAL_NAMES = {"ModelBucket": "coldframe-models"}
NAME_PROPERTIES = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Logs::LogGroup": "LogGroupName",
}
TYPE_SUFFIX = re.compile(r"(Bucket|Queue|Function)$")
WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Names:
    """`value` resolves what a name property holds."""

    def __init__(self, resources: Mapping[str, Any], aws_url: str, value: Callable[[Any], Any]) -> None:
        self._resources, self._aws_url, self._value = resources, aws_url, value

    def name(self, logical_id: str) -> str:
        """Give the declared name, or one made from the logical id: `UploadQueue` → `coldframe-upload`."""
        resource = self._resource(logical_id)
        declared = resource.get("Properties", {}).get(NAME_PROPERTIES.get(resource["Type"], ""))
        if declared is not None:
            return str(self._value(declared))
        return LOCAL_NAMES.get(logical_id) or local_name(logical_id)

    def ref(self, logical_id: str) -> str:
        match self._resource(logical_id)["Type"]:
            case "AWS::SQS::Queue":
                return queue_url(self._aws_url, self.name(logical_id))
            case "AWS::Lambda::Alias":
                properties = self._resource(logical_id)["Properties"]
                return f"{function_arn(self._value(properties['FunctionName']))}:{properties['Name']}"
            case kind if kind in NAME_PROPERTIES:
                return self.name(logical_id)
        return logical_id

    def attribute(self, logical_id: str, attribute: str) -> str:
        name = self.name(logical_id)
        match self._resource(logical_id)["Type"], attribute:
            case "AWS::Lambda::Function", "Arn":
                return function_arn(name)
            case "AWS::S3::Bucket", "Arn":
                return f"arn:aws:s3:::{name}"
            case "AWS::SQS::Queue", "Arn":
                return queue_arn(name)
            case "AWS::SQS::Queue", "QueueName":
                return name
            case "AWS::SQS::Queue", "QueueUrl":
                return self.ref(logical_id)
            case "AWS::Logs::LogGroup", "Arn":
                return f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{name}:*"
        raise TemplateRefused(
            f"{logical_id}.{attribute} has no local value: add it to infra/local/names.py, or do without it."
        )

    def _resource(self, logical_id: str) -> Mapping[str, Any]:
        if logical_id in self._resources:
            resource: Mapping[str, Any] = self._resources[logical_id]
            return resource
        raise TemplateRefused(f"{logical_id} is neither a parameter nor a resource: correct the reference.")


def local_name(logical_id: str) -> str:
    return "coldframe-" + WORD_START.sub("-", TYPE_SUFFIX.sub("", logical_id)).lower()


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{name}"


def queue_arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{name}"


def queue_url(aws_url: str, name: str) -> str:
    return f"{aws_url}/{ACCOUNT_ID}/{name}"
