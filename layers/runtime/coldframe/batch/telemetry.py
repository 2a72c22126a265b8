"""What the batch function says of its runs: a log line and metrics for each."""

from aws_lambda_powertools.metrics import MetricUnit

from coldframe.batch.drop import Drop
from coldframe.batch.worker import Outcome
from coldframe.telemetry import count_rows, logger, metrics


def report_messages(count: int) -> None:
    """Report how many messages an invocation got; S3's test event is one that is about no file."""
    metrics.add_metric("Messages", MetricUnit.Count, count)


def report_run(drop: Drop, outcome: Outcome) -> None:
    """Report a run that came to something: the file's end, or a pause."""
    metrics.add_metric(f"Files{outcome.state.title()}", MetricUnit.Count, 1)
    count_rows(outcome.scored, outcome.rejected)
    rows = {"scored": outcome.scored, "rejected": outcome.rejected}
    logger.info(f"file {outcome.state}", extra={"file": drop.key, "result": drop.result_key, **rows})


def report_failure(drop: Drop | None) -> None:
    """Report the error that is being handled; the message comes again."""
    metrics.add_metric("FilesToRetry", MetricUnit.Count, 1)
    logger.exception("file not scored", extra={"file": drop and drop.key})
