"""Events for a function that nobody waits for, with a function that does as the test says."""

import pytest

from infra.local import asynchronous
from infra.local.asynchronous import AsynchronousInvoker
from infra.local.function import Result, Throttled
from infra.local.runtime_api import Outcome


class Played:
    """Stands for a function's environments: gives or raises one thing after the other."""

    def __init__(self, *outcomes: str | Exception | None) -> None:
        self._outcomes = iter(outcomes)
        self.known: list[str | None] = []

    async def invoke(self, event: bytes, request_id: str, trace_id: str, known_error: str | None) -> Result:
        self.known.append(known_error)
        outcome = next(self._outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return Result(Outcome(event, outcome), cold=False)


async def handled(played: Played, count: int) -> list[bool]:
    invoker = AsynchronousInvoker(played)  # type: ignore[arg-type]
    return [await invoker.invoke(b"{}") for _ in range(count)]


async def test_an_error_is_known_until_the_function_answers_again() -> None:
    played = Played("ValueError", "ValueError", None, "ValueError", "KeyError")
    assert await handled(played, 5) == [False, False, True, False, False]
    assert played.known == [None, "ValueError", "ValueError", None, "ValueError"]


async def test_an_event_waits_while_the_function_is_throttled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asynchronous, "THROTTLED_RETRY_SECONDS", 0)
    played = Played(Throttled(), Throttled(), None)
    assert await handled(played, 1) == [True]


async def test_what_keeps_an_environment_from_starting_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert await handled(Played(OSError("too many open files"), None), 2) == [False, True]
    assert "too many open files" in caplog.text
