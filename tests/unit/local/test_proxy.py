import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.proxy import Answer, MalformedAnswer, read_answer

PNG = frozenset({"image/png"})


def read(answer: Any, accept: str | None = None) -> Answer:
    return read_answer(json.dumps(answer).encode(), accept, PNG)


def test_no_field_is_mandatory() -> None:
    assert read({}) == Answer(200, (("Content-Type", "application/json"),), b"")


def test_headers_of_both_kinds() -> None:
    answer = read(
        {
            "statusCode": "201",
            "headers": {"content-type": "text/plain", "X-One": True, "set-cookie": "lost=1"},
            "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
            "body": "ok",
        }
    )
    assert answer.status == 201
    assert answer.headers == (
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("content-type", "text/plain"),
        ("X-One", "true"),
    )


def test_headers_that_are_the_gateways_own_are_renamed_or_dropped() -> None:
    answer = read({"headers": {"Content-Length": "9", "Transfer-Encoding": "chunked", "Content-Type": "a/b"}})
    assert answer.headers == (("x-amzn-Remapped-Content-Length", "9"), ("Content-Type", "a/b"))


@pytest.mark.parametrize(
    ("accept", "decoded"),
    [
        ("image/png", True),
        ("image/png;q=0.5, text/html", True),
        ("text/html, image/png", False),
        ("*/*", False),
        (None, False),
    ],
)
def test_base64_is_decoded_for_the_first_accepted_type_only(accept: str | None, decoded: bool) -> None:
    encoded = base64.b64encode(b"\x89PNG").decode()
    answer = read({"body": encoded, "isBase64Encoded": True}, accept)
    assert answer.body == (b"\x89PNG" if decoded else encoded.encode())


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "text",
        7,
        [],
        {"data": 1},
        {"body": {}},
        {"body": "a", "isBase64Encoded": "yes"},
        {"statusCode": "fine"},
        {"statusCode": 99},
        {"statusCode": [200]},
        {"headers": []},
        {"headers": {"X": None}},
        {"headers": {"X": "a\r\nY: b"}},
        {"headers": {"X Y": "a"}},
        {"multiValueHeaders": {"X": [{}]}},
    ],
)
def test_what_is_not_of_the_form_is_malformed(answer: Any) -> None:
    with pytest.raises(MalformedAnswer):
        read(answer)


def test_base64_that_is_none_is_malformed() -> None:
    with pytest.raises(MalformedAnswer):
        read({"body": "%%%", "isBase64Encoded": True}, "image/png")


@given(
    st.binary() | st.recursive(st.none() | st.text(), lambda v: st.dictionaries(st.text(), v)).map(json.dumps)
)
def test_no_answer_does_anything_else(payload: str | bytes) -> None:
    encoded = payload.encode() if isinstance(payload, str) else payload
    with contextlib.suppress(MalformedAnswer):
        assert 200 <= read_answer(encoded, None, PNG).status <= 599
