"""What is held against an answer, for any status."""

from hypothesis import given
from hypothesis import strategies as st

from coldframe.rollout.verdict import SHOWN_CHARS, Reply, needs_comparison, objection

statuses = st.integers(100, 599)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda one: st.lists(one) | st.dictionaries(st.text(), one),
)


def answered(status: int) -> Reply:
    return Reply({"statusCode": status, "body": '{"detail": "x"}'})


@given(statuses, st.none() | statuses)
def test_a_version_must_do_well_or_no_worse_than_the_one_that_serves(
    status: int, serving: int | None
) -> None:
    compared = None if serving is None else answered(serving)
    told = objection("GET /a", answered(status), compared)
    well = 200 <= status < 400
    as_unavailable = status == 503 and serving is not None and not 200 <= serving < 400
    assert (told is None) is (well or as_unavailable)
    assert needs_comparison(answered(status)) is (status == 503)


@given(anything, st.sampled_from(["Unhandled", "Handled"]))
def test_what_ended_in_an_error_is_never_good(payload: object, error: str) -> None:
    told = objection("GET /a", Reply(payload, error), answered(503))
    assert told is not None
    assert told.startswith(f"GET /a: {error}: ")
    assert len(told) < SHOWN_CHARS + 50


@given(anything)
def test_what_is_no_answer_is_never_good_and_never_a_crash(payload: object) -> None:
    assert objection("GET /a", Reply(payload)) is not None


def test_an_empty_batch_without_failures_is_good_and_one_with_failures_is_not() -> None:
    assert objection("a batch", Reply({"batchItemFailures": []})) is None
    failures = [{"itemIdentifier": "1"}]
    assert objection("a batch", Reply({"batchItemFailures": failures})) is not None


def test_an_objection_says_which_event_and_what_was_answered() -> None:
    told = objection("GET /sentiment/health", Reply({"statusCode": 500, "body": '{"detail": "it broke"}'}))
    assert told == 'GET /sentiment/health: status 500: {"detail": "it broke"}'
    crashed = {"errorMessage": "No module named 'x'", "errorType": "Runtime.ImportModuleError"}
    assert objection("GET /a", Reply(crashed, "Unhandled")) == "GET /a: Unhandled: No module named 'x'"
