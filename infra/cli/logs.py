"""`coldframe logs`: what a function printed, from CloudWatch Logs, the local one or AWS's."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

from botocore.exceptions import ClientError
from rich.console import Console
from typer import Argument, Option

from coldframe.errors import ColdframeError
from infra.cli.options import Stack
from infra.cli.place import Place, place

POLL_SECONDS = 1.0
OVERLAP_MS = 10_000  # lines come late; asking again for the last of them loses none


def logs(
    name: Annotated[str, Argument(help="A function, as in functions/NAME.", show_default=False)],
    stack: Stack = None,
    minutes: Annotated[int, Option(min=1, help="How far to look back.")] = 10,
    everything: Annotated[
        bool, Option("--all", help="Metrics, decisions and Lambda's own lines too.")
    ] = False,
    follow: Annotated[bool, Option("--follow", "-f", help="Go on as lines come; Ctrl-C ends it.")] = False,
) -> None:
    """Print what a function logged: a model's own, or batch, which scores files.

    [bold]Examples[/]

    coldframe logs sentiment

    coldframe logs batch --minutes 60

    coldframe logs sentiment --all --follow --stack coldframe-dev
    """
    where, console = place(stack), Console(soft_wrap=True, highlight=False, markup=False)
    start_ms = int((time.time() - minutes * 60) * 1000)
    seen: set[str] = set()
    while True:
        newest_ms = start_ms
        for event in _events(where, name, start_ms):
            newest_ms = max(newest_ms, event["timestamp"])
            if event["eventId"] not in seen and (everything or not _is_routine(event["message"])):
                console.print(_line(event))
            seen.add(event["eventId"])
        if not follow:
            break
        start_ms = max(start_ms, newest_ms - OVERLAP_MS)
        time.sleep(POLL_SECONDS)


def _events(where: Place, name: str, start_ms: int) -> Iterator[dict[str, Any]]:
    pages = where.client("logs").get_paginator("filter_log_events")
    try:
        for page in pages.paginate(logGroupName=where.log_group(name), startTime=start_ms):
            yield from page["events"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        raise ColdframeError(
            f"{where.stack} has no log group {where.log_group(name)}: name a folder of functions/."
        ) from error


def _is_routine(message: str) -> bool:
    """Tell metrics, decisions, and what Lambda writes of each call, from what the function says."""
    written = ('{"_aws":', '{"level": "INFO", "message": "decision"', '{"time":')
    return message.startswith((*written, "START ", "END ", "REPORT ", "INIT_START "))


def _line(event: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return f"{at:%H:%M:%S} {event['message'].rstrip()}"
