"""What the batch function says of its runs: a log line and metrics for each."""

from coldframe.batch.drop import Drop
from coldframe.batch.worker import Outcome
from coldframe.metrics import names
from coldframe.telemetry import count, count_rows, logger


def report_messages(messages: int) -> None:
    """Report how many messages an invocation got; S3's test event is one that is about no file."""
    count(names.MESSAGES, messages)


def report_run(drop: Drop, outcome: Outcome) -> None:
    """Report a run that came to something: the file's end, or a pause."""
    count(names.FILES + outcome.state.title())
    count_rows(outcome.scored, outcome.rejected)
    rows = {"scored": outcome.scored, "rejected": outcome.rejected}
    logger.info(f"file {outcome.state}", extra={"file": drop.key, "result": drop.result_key, **rows})


def report_failure(drop: Drop | None) -> None:
    """Report the error that is being handled; the message comes again."""
    count(f"{names.FILES}Retrying")
    logger.exception("file not scored", extra={"file": drop and drop.key})
