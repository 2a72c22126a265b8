"""The local cloud's limits, and what its user may set. Each number has its unit in its name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Self

from infra.local.errors import SettingRefused

HOST = "127.0.0.1"
API_PORT = 3000  # the AWS endpoint takes the next one
REGION = "us-east-1"
LOCAL_STACK = "coldframe-local"
ACCOUNT_ID = "123456789012"  # moto's own

# API Gateway REST: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
INTEGRATION_TIMEOUT_SECONDS = 29.0
API_BODY_MAX_BYTES = 10 * 1024 * 1024

# Lambda: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LAMBDA_REQUEST_MAX_BYTES = 6 * 1024 * 1024
LAMBDA_RESPONSE_MAX_BYTES = 6_291_556
INIT_MAX_SECONDS = 10.0
FUNCTION_TIMEOUT_SECONDS = 3.0  # where the template names none
FUNCTION_MEMORY_MB = 128

# This machine's, not AWS's: requests above the count wait for a free environment.
ENVIRONMENTS_MAX_COUNT = 8
IDLE_SECONDS = 300.0
REAP_INTERVAL_SECONDS = 1.0

# SQS: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
QUEUE_BATCH_COUNT = 10  # where the template names none, and the most that one call receives
QUEUE_VISIBILITY_SECONDS = 30  # where the template names none
QUEUE_WAIT_SECONDS = (
    1  # AWS's pollers wait for 20; a thread that waits cannot be ended, so that is the local end's
)
QUEUE_RETRY_SECONDS = 1.0
THROTTLED_RETRY_SECONDS = 1.0

# CloudWatch Logs takes at most 10,000 events and 1,048,576 bytes (26 an event of its own) in one call.
LOG_INTERVAL_SECONDS = 1.0
LOG_BATCH_MAX_COUNT = 1_000
LOG_BATCH_MAX_BYTES = 1_000_000
LOG_LINE_MAX_BYTES = 64_000
LOG_QUEUE_MAX_COUNT = 50_000

LOG_GROUP_FILTERS_MAX_COUNT = 2  # CloudWatch Logs' own

# What waits for a function that takes log lines. An asynchronous event has at most 1 MB; these bytes are
# compressed in it, and then grow by a third. Lambda tries again after one minute, and after two more.
LOG_FEED_MAX_COUNT = 20_000
LOG_FEED_BATCH_MAX_COUNT = 500
LOG_FEED_BATCH_MAX_BYTES = 700_000
LOG_FEED_WAITS_SECONDS = (0.0, 1.0, 2.0)

METRICS_BATCH_MAX_COUNT = 500  # of a PutMetricData call, which takes 1,000 and 1 MB
METRICS_SECONDS_KEPT = timedelta(minutes=5)  # after which metrics are kept by the minute

AWS_START_SECONDS = 60.0
STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Plan:
    """What one API key may do: a token bucket and a quota that starts anew at midnight UTC."""

    rate_per_second: float
    burst_count: int
    quota_per_day_count: int


LOCAL_PLAN = Plan(rate_per_second=500.0, burst_count=1_000, quota_per_day_count=10_000_000)
THROTTLED_PLAN = Plan(rate_per_second=1.67, burst_count=100, quota_per_day_count=10_000_000)
LOCAL_KEY = "local-key"
THROTTLED_KEY = "local-key-throttled"
LOCAL_PARAMETERS: Mapping[str, str] = {
    "Environment": "dev",
    "CodeHash": "local",
    "InboxBucketName": "coldframe-inbox",
    "ResultsBucketName": "coldframe-results",
    # Nobody waits for minutes here: metrics are kept by the second, and shown at once.
    "AliasRefreshSeconds": "5",
    "GuardianSchedule": "rate(5 seconds)",
    "GuardianWindowSeconds": "20",
    "GuardianLagSeconds": "0",
    "GuardianCallsMinCount": "20",
}


@dataclass(frozen=True)
class Settings:
    """What one local cloud runs with. Port 0 takes any free port, for the AWS endpoint as well."""

    port: int = API_PORT
    key: str = LOCAL_KEY
    plans: Mapping[str, Plan] = field(
        default_factory=lambda: {LOCAL_KEY: LOCAL_PLAN, THROTTLED_KEY: THROTTLED_PLAN}
    )
    parameters: Mapping[str, str] = field(default_factory=lambda: LOCAL_PARAMETERS)
    secrets: Mapping[str, str] = field(default_factory=dict)
    model_key: Path | None = None
    environments_max_count: int = ENVIRONMENTS_MAX_COUNT
    idle_seconds: float = IDLE_SECONDS
    init_max_seconds: float = INIT_MAX_SECONDS
    integration_timeout_seconds: float = INTEGRATION_TIMEOUT_SECONDS

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> "Settings":
        """Read the COLDFRAME_ variables; raise SettingRefused for a port that is none.

        COLDFRAME_API_KEY may hold several keys, separated by commas. COLDFRAME_SIGNING_SECRET turns
        signatures on, and may hold several secrets likewise. COLDFRAME_MODEL_KEY names the file of a key that
        models are signed with. COLDFRAME_PARAMETERS sets parameters of the template:
        LogInputs=on,GuardianSlowMs=25.
        """
        keys = _listed(variables.get("COLDFRAME_API_KEY", "")) or [LOCAL_KEY]
        plans = {THROTTLED_KEY: THROTTLED_PLAN, **dict.fromkeys(keys, LOCAL_PLAN)}
        secret = variables.get("COLDFRAME_SIGNING_SECRET")
        signed = {"RequestSignature": "on"} if secret else {}
        model_key = variables.get("COLDFRAME_MODEL_KEY")
        return cls(
            port=_port(variables.get("COLDFRAME_PORT") or str(API_PORT)),
            key=keys[0],
            plans=plans,
            parameters={**LOCAL_PARAMETERS, **signed, **_pairs(variables.get("COLDFRAME_PARAMETERS", ""))},
            secrets={"SigningSecret": secret} if secret else {},
            model_key=Path(model_key) if model_key else None,
        )

    def requiring_signed_models(self, public_keys: str) -> Self:
        """Return the same where functions open only versions that one of these keys signed.

        `public_keys` are DER in base64, separated by commas, as the template takes them.
        """
        signed = {"ModelSigning": "required", "ModelPublicKeys": public_keys}
        return replace(self, parameters={**self.parameters, **signed})


def _listed(text: str) -> list[str]:
    return [part for one in text.split(",") if (part := one.strip())]


def _pairs(text: str) -> dict[str, str]:
    pairs = [one.partition("=") for one in _listed(text)]
    if not all(name and sign for name, sign, _ in pairs):
        raise SettingRefused(f"COLDFRAME_PARAMETERS is {text!r}: write Name=value, separated by commas.")
    return {name: value for name, _, value in pairs}


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65_534:
        return int(text)
    raise SettingRefused(
        f"COLDFRAME_PORT is {text!r}: set it to a number from 1 to 65534 (the AWS endpoint takes the next)."
    )
