"""CodeDeploy's hook as Lambda calls it, trying real handlers with S3, SQS and CloudWatch behind them.

moto's CodeDeploy has neither revisions nor hooks, so botocore's Stubber, which knows the API's shapes, stands
for it; and moto's Lambda needs Docker, so a small class stands for that: it calls the handlers itself.
"""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from coldframe import limits
from coldframe.rollout.smoke import SOURCE
from tests.handlers import ROOT, Context, load_function

Handler = Callable[[dict[str, Any], Any], Any]
EVENTS = ROOT / "tests/events"
EVENT, DEPLOYMENT, REVISION = (
    json.loads((EVENTS / f"codedeploy-{name}.json").read_text())
    for name in ("before-allow-traffic", "get-deployment", "get-application-revision")
)
FUNCTION = "coldframe-prod-SentimentFunction-1A2B3C4D5E6F"
SERVING, COMING = "7", "8"


@dataclass
class HookContext(Context):
    """With the time that is left to the hook."""

    remaining_ms: int = 300_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


@dataclass
class Versions:
    """Stands for Lambda: each version of the function is a handler; what was asked of which is noted."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def invoke(self, FunctionName: str, Qualifier: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == FUNCTION
        event = json.loads(Payload)
        self.asked.append((Qualifier, event.get("path", "")))
        try:
            answer = self.handlers[Qualifier](event, HookContext())
        except Exception as error:  # noqa: BLE001 - as Lambda's runtime does
            told = {"errorMessage": str(error), "errorType": type(error).__name__}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(told).encode())}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


@dataclass
class Trial:
    """The hook with what it calls."""

    stubber: Stubber
    versions: Versions
    handler: Handler

    def found(self, deployment: dict[str, Any] = DEPLOYMENT, revision: dict[str, Any] = REVISION) -> None:
        """Have CodeDeploy know the deployment, and ask for the same in return."""
        info = DEPLOYMENT["deploymentInfo"]
        self.stubber.add_response("get_deployment", deployment, {"deploymentId": EVENT["DeploymentId"]})
        asked = {"applicationName": info["applicationName"], "revision": info["revision"]}
        self.stubber.add_response("get_application_revision", revision, asked)

    def reports(self, status: str) -> None:
        """Have CodeDeploy wait for this, run the hook, and see that it was the last thing it did."""
        told = {
            "deploymentId": EVENT["DeploymentId"],
            "lifecycleEventHookExecutionId": EVENT["LifecycleEventHookExecutionId"],
            "status": status,
        }
        self.stubber.add_response("put_lifecycle_event_hook_execution_status", {}, told)
        assert self.handler(EVENT, HookContext()) == {"status": status}
        self.stubber.assert_no_pending_responses()


@pytest.fixture
def trial(
    lambda_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Trial]:
    for name, value in lambda_environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("INBOX_BUCKET", lambda_environment["MODEL_BUCKET"])
    monkeypatch.setenv("RESULTS_BUCKET", lambda_environment["MODEL_BUCKET"])
    monkeypatch.setenv("INBOX_QUEUE_URL", "none")
    monkeypatch.setenv("smoke_sentiment", f"{FUNCTION} /sentiment/openapi.json")
    for name, value in getattr(request, "param", {}).items():
        monkeypatch.setenv(name, value)
    codedeploy, versions = boto3.client("codedeploy"), Versions()
    with Stubber(codedeploy) as stubber:
        with monkeypatch.context() as patch:
            clients = {"codedeploy": codedeploy, "lambda": versions}
            patch.setattr(boto3, "client", lambda service, config: clients[service])
            handler = load_function("hook").handler
        yield Trial(stubber, versions, handler)


@pytest.fixture
def serving(trial: Trial) -> Handler:
    handler: Handler = load_function("sentiment").handler
    return handler


@pytest.fixture
def empty(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> Handler:
    """The function where no model is published."""
    with monkeypatch.context() as patch:
        boto3.client("s3").create_bucket(Bucket="nothing-published")
        patch.setenv("MODEL_BUCKET", "nothing-published")
        handler: Handler = load_function("sentiment").handler
        return handler


def crashing(event: dict[str, Any], context: Any) -> Any:
    raise ImportError("No module named 'numpy'")


# ---- what is fit


def test_a_version_that_serves_its_model_gets_traffic(trial: Trial, serving: Handler) -> None:
    trial.versions.handlers = {COMING: serving}
    trial.found()
    trial.reports("Succeeded")
    assert trial.versions.asked == [
        (COMING, f"/sentiment/{route}")
        for route in ("openapi.json", "healthz", "health", "model-info", "predict")
    ]


def test_before_a_model_is_published_a_version_gets_traffic_too(trial: Trial, empty: Handler) -> None:
    trial.versions.handlers = {COMING: empty, SERVING: empty}
    trial.found()
    trial.reports("Succeeded")
    assert [path for version, path in trial.versions.asked if version == SERVING] == [
        "/sentiment/health",
        "/sentiment/model-info",
        "/sentiment/predict",
    ]


@pytest.mark.parametrize("trial", [{"SIGNING_SECRETS": "new-secret, old-secret"}], indirect=True)
def test_where_requests_must_be_signed_these_are(trial: Trial, serving: Handler) -> None:
    trial.versions.handlers = {COMING: serving}
    trial.found()
    trial.reports("Succeeded")


@pytest.mark.parametrize(
    ("trial", "name"),
    [
        ({"smoke_sentiment": f"{FUNCTION} /metrics/openapi.json"}, "metrics"),
        ({"smoke_sentiment": f"{FUNCTION} /batches/openapi.json"}, "batches"),
    ],
    indirect=["trial"],
)
def test_a_function_without_a_model_gets_traffic_by_what_it_describes(trial: Trial, name: str) -> None:
    trial.versions.handlers = {COMING: load_function(name).handler}
    trial.found()
    trial.reports("Succeeded")
    assert (COMING, f"/{name}") in trial.versions.asked


@pytest.mark.parametrize("trial", [{"smoke_sentiment": FUNCTION}], indirect=True)
def test_the_batch_function_is_tried_with_an_empty_batch(trial: Trial) -> None:
    trial.versions.handlers = {COMING: load_function("batch").handler}
    trial.found()
    trial.reports("Succeeded")
    assert trial.versions.asked == [(COMING, "")]


# ---- what is not


def test_a_version_that_cannot_serve_what_the_other_serves_gets_none(
    trial: Trial, empty: Handler, serving: Handler
) -> None:
    trial.versions.handlers = {COMING: empty, SERVING: serving}
    trial.found()
    trial.reports("Failed")


@pytest.mark.parametrize("route", ["openapi.json", "healthz", "health", "model-info", "predict"])
@pytest.mark.parametrize("fault", [crashing, lambda *_: {"statusCode": 500, "body": ""}, lambda *_: None])
def test_a_version_that_fails_in_one_route_gets_none(
    trial: Trial, serving: Handler, route: str, fault: Handler
) -> None:
    def failing(event: dict[str, Any], context: Any) -> Any:
        return (fault if event["path"].endswith(f"/{route}") else serving)(event, context)

    trial.versions.handlers = {COMING: failing, SERVING: serving}
    trial.found()
    trial.reports("Failed")


# ---- what the hook itself may meet


@pytest.mark.parametrize("call", ["get_deployment", "get_application_revision"])
def test_a_failure_is_reported_when_codedeploy_does_not_tell(trial: Trial, call: str) -> None:
    if call == "get_application_revision":
        trial.stubber.add_response("get_deployment", DEPLOYMENT)
    trial.stubber.add_client_error(call, "AccessDeniedException")
    trial.reports("Failed")


def test_a_failure_is_reported_when_nothing_says_how_to_try_the_function(
    trial: Trial, caplog: pytest.LogCaptureFixture
) -> None:
    trial.found(revision=json.loads(json.dumps(REVISION).replace("SentimentFunction", "OtherFunction")))
    trial.reports("Failed")
    assert "add smoke_NAME to HookFunction" in caplog.text
    assert trial.versions.asked == []


def test_a_failure_is_reported_in_time_when_answers_take_too_long(
    trial: Trial, serving: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = int(limits.ROLLOUT_RESERVE_SECONDS * 1e3)
    remaining = iter([left, left, left - 1])
    monkeypatch.setattr(HookContext, "get_remaining_time_in_millis", lambda _: next(remaining))
    trial.versions.handlers = {COMING: serving}
    trial.found()
    trial.reports("Failed")
    assert len(trial.versions.asked) == 2


def test_a_report_that_cannot_be_sent_is_an_error_that_lambda_tries_again(
    trial: Trial, serving: Handler
) -> None:
    trial.versions.handlers = {COMING: serving}
    trial.found()
    trial.stubber.add_client_error("put_lifecycle_event_hook_execution_status", "ThrottlingException")
    with pytest.raises(ClientError, match="ThrottlingException"):
        trial.handler(EVENT, HookContext())


def test_objections_are_logged_with_event_and_answer(
    trial: Trial, serving: Handler, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(event: dict[str, Any], context: Any) -> Any:
        return crashing(event, context) if event["path"].endswith("/health") else serving(event, context)

    trial.versions.handlers = {COMING: failing}
    trial.found()
    trial.reports("Failed")
    (told,) = (record.objections for record in caplog.records if hasattr(record, "objections"))
    assert told == ["GET /sentiment/health: Unhandled: No module named 'numpy'"]


def test_smoke_events_have_a_key_of_their_own(trial: Trial, serving: Handler) -> None:
    seen = []

    def noting(event: dict[str, Any], context: Any) -> Any:
        seen.append(event["requestContext"]["identity"])
        return serving(event, context)

    trial.versions.handlers = {COMING: noting}
    trial.found()
    trial.reports("Succeeded")
    assert {(one["userAgent"], one["apiKeyId"]) for one in seen} == {(SOURCE, SOURCE)}
