"""What a function finds in os.environ: what Lambda sets, and what the template declares."""

import os
import sys
from collections.abc import Mapping

from infra.local.session import CREDENTIALS
from infra.local.settings import REGION
from infra.local.stack import Function

PYTHON = f"python3.{sys.version_info.minor}"
# Lambda's client goes by it: from python3.12 on, what is beyond ASCII in an answer is not escaped; escapes
# would make Japanese twice as large as in the cloud.
DEPLOYED = "python3.13"


def environment_variables(
    function: Function, runtime_api: str, aws_url: str, log_stream: str
) -> Mapping[str, str]:
    """Give all of a function's variables.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    return {
        "LANG": "en_US.UTF-8",
        "PATH": os.environ.get("PATH", os.defpath),
        "TZ": ":UTC",
        **CREDENTIALS,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{DEPLOYED}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_REGION": REGION,
        "LAMBDA_TASK_ROOT": str(function.code),
        "_HANDLER": function.handler,
        **function.variables,
    }
