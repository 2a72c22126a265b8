"""`coldframe redrive`: what failed five times, from the dead-letter queue back to the inbox's queue."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import unquote_plus

from botocore.exceptions import ClientError
from rich.console import Console
from rich.table import Table
from typer import Option

from infra.cli.notes import printable
from infra.cli.options import Stack
from infra.cli.place import INBOX_DEAD_LETTER_QUEUE, INBOX_QUEUE, place

HOLD_SECONDS = 300  # how long nobody else sees what is received, should this end unseen
RECEIVE_WAIT_SECONDS = 1  # without waiting, SQS asks only some of its servers
RECEIVE_MAX_COUNT = 10  # SQS's own
SHOWN_MAX_CHARS = 60  # of a message that names no file

Message = Mapping[str, Any]


def redrive(
    stack: Stack = None,
    dry_run: Annotated[bool, Option("--dry-run", help="List only; nothing is moved.")] = False,
) -> None:
    """List the files that could not be scored in five tries, and have them tried again.

    Each message is sent to the inbox's queue, then deleted here: if this is cut
    short, one may be in both, which does no harm. SQS counts every look as a
    receive.

    [bold]Examples[/]

    coldframe redrive --dry-run

    coldframe redrive --stack coldframe-dev
    """
    where, console = place(stack), Console(markup=False, emoji=False, highlight=False)
    sqs, dead = where.client("sqs"), where.output(INBOX_DEAD_LETTER_QUEUE)
    held: dict[str, Message] = {}
    try:
        _receive_all(sqs, dead, held)
        if not held:
            console.print(
                f"The dead-letter queue of {where.stack} is empty: there is nothing to try again.",
                soft_wrap=True,
            )
            return
        console.print(table(held.values(), f"Dead letters of {where.stack}"))
        if dry_run:
            console.print(f"{_messages(len(held))}. Without --dry-run, they are tried again.")
        else:
            moved = _move(sqs, dead, where.output(INBOX_QUEUE), held)
            console.print(f"{_messages(moved)} moved back to the inbox's queue.")
    finally:
        for message in held.values():
            with suppress(ClientError):  # it was held for too long, and is visible already
                sqs.change_message_visibility(
                    QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )


def _receive_all(sqs: Any, queue: str, held: dict[str, Message]) -> None:
    """Receive until nothing new comes."""
    while True:
        answer = sqs.receive_message(
            QueueUrl=queue,
            MaxNumberOfMessages=RECEIVE_MAX_COUNT,
            VisibilityTimeout=HOLD_SECONDS,
            WaitTimeSeconds=RECEIVE_WAIT_SECONDS,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        before = len(held)
        held.update({message["MessageId"]: message for message in answer.get("Messages", [])})
        if len(held) == before:
            return


def _move(sqs: Any, dead: str, inbox: str, held: dict[str, Message]) -> int:
    """Move what is held, first received first moved; return how many. What is moved is no longer held."""
    count = 0
    while held:
        name, message = next(iter(held.items()))
        attributes = message.get("MessageAttributes", {})
        sqs.send_message(QueueUrl=inbox, MessageBody=message["Body"], MessageAttributes=attributes)
        sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
        del held[name]
        count += 1
    return count


def table(messages: Iterable[Message], title: str) -> Table:
    """Return a row a message, oldest first: its files, how often it was received before, when it was sent."""
    made = Table(title=title)
    made.add_column("file", overflow="fold")
    made.add_column("received", justify="right")
    made.add_column("first sent (UTC)", no_wrap=True)
    for message in sorted(messages, key=lambda message: int(message["Attributes"]["SentTimestamp"])):
        sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
        received = int(message["Attributes"]["ApproximateReceiveCount"]) - 1  # the last was this look
        names = "\n".join(printable(name) for name in files(message["Body"]))
        made.add_row(names, str(received), f"{sent:%Y-%m-%d %H:%M}")
    return made


def files(body: str) -> list[str]:
    """Return the keys that an S3 event names; of any other message, its beginning."""
    try:
        records = json.loads(body)["Records"]
        return [unquote_plus(record["s3"]["object"]["key"]) for record in records]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [body[:SHOWN_MAX_CHARS]]


def _messages(count: int) -> str:
    return f"{count:,} message" + ("" if count == 1 else "s")
