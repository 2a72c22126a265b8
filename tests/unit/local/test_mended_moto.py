"""What is mended in moto, where it can be made to happen; the rest is in the integration tests."""

import threading
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from moto.s3 import notifications
from moto.sqs.models import Message, Queue, SQSBackend

from infra.local.mended_moto import PUT, EventsAfterTheObject, lock_deletes

SHORT_SECONDS = 0.2


class Interrupting(Message):
    """While a delete looks through the queue, has another thread delete the next message."""

    def __init__(self, queue: Queue) -> None:
        super().__init__("first", "first")
        self.receipt_handle = "first"
        self.thread = threading.Thread(target=lambda: queue.delete_message("second"))
        self._looks = 0

    def had_receipt_handle(self, receipt_handle: str) -> bool:
        self._looks += 1
        if self._looks == 2:  # the first look is to see whether there is such a message at all
            self.thread.start()
            self.thread.join(SHORT_SECONDS)
        return super().had_receipt_handle(receipt_handle)


def test_a_message_deleted_during_a_delete_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Queue, "delete_message", Queue.delete_message)  # so that it is put back
    lock_deletes()
    queue = SQSBackend("us-east-1", "123456789012").create_queue("a", {})
    first, second = Interrupting(queue), Message("second", "second")
    second.receipt_handle = "second"
    queue.add_message(first)
    queue.add_message(second)
    queue.delete_message("first")
    first.thread.join()
    assert queue.messages == []


def test_an_event_is_sent_when_its_request_has_been_handled(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(notifications, "send_event", lambda *_: done.append("event sent"))
    monkeypatch.setattr(notifications, "_get_s3_event", notifications._get_s3_event)  # so that it is put back

    def put_object(environ: Any, start_response: Any) -> Iterable[bytes]:
        notifications.send_event("123456789012", PUT, None, SimpleNamespace(multipart=None))
        done.append("metadata set")
        return [b""]

    EventsAfterTheObject(put_object)({}, None)
    assert done == ["metadata set", "event sent"]
