"""What is mended in moto, where it can be made to happen; the rest is in the integration tests."""

import threading
from collections.abc import Iterable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from moto.cloudwatch.models import MetricAggregatedDatum
from moto.s3 import notifications
from moto.sqs.models import Message, Queue, SQSBackend

from infra.local.mended_moto import PUT, EventsAfterTheObject, _added_up, lock_deletes

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


def test_statistics_of_one_metric_and_minute_are_kept_as_one() -> None:
    kept: dict[Any, Any] = {}

    def put(value: float, **other: Any) -> bool:
        statistics = {"min_stat": value, "max_stat": value, "sum_stat": value, "sample_count": 1}
        made: dict[str, Any] = {"namespace": "n", "name": "Items", "timestamp": datetime(2026, 11, 21)}
        made["dimensions"] = [{"Name": "service", "Value": "sentiment"}]
        return _added_up(MetricAggregatedDatum(**made | statistics | other), kept)

    assert not put(2)
    assert put(5)
    assert put(1)
    assert not put(7, timestamp=datetime(2026, 11, 22))
    assert not put(7, name="Others")
    first, *others = kept.values()
    assert (first.sum, first.sample_count, first.min, first.max) == (8, 3, 1, 5)
    assert [one.sum for one in others] == [7, 7]
