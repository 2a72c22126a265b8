"""Whatever a client sends as a form is answered, and never with a failure of the function."""

import json
import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldframe.slot import ModelSlot
from tests import made
from tests.forms import BOUNDARY, CONTENT_TYPE, file_form, form, part
from tests.handlers import Client

PIECES = [
    *(
        f"--{BOUNDARY}\r\n",
        f"--{BOUNDARY}--\r\n",
        f"--{BOUNDARY}",
        "\r\n",
        "\n",
        "\r\n\r\n",
        "--",
        ":",
        ";",
        '"',
        "\0",
    ),
    *(
        "Content-Disposition: form-data",
        'name="file"',
        'filename="a.csv"',
        'name="column"',
        "filename*=UTF-8''%00",
    ),
    *(
        "Content-Transfer-Encoding: base64",
        "Content-Type: text/csv",
        "id,text\r\n1,good\r\n",
        "text\n",
        "\ufeff",
        "良い",
    ),
]
NAMES = st.text(st.characters(codec="utf-8", exclude_characters='"\r\n'), max_size=20)
BODIES = (
    st.binary(max_size=200)
    | st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=20).map(
        lambda x: "".join(x).encode(errors="replace")
    )
    | st.builds(file_form, st.binary(max_size=100) | st.just(b"text\ngood\n"), NAMES, st.none() | NAMES)
    | st.lists(st.builds(part, NAMES, st.binary(max_size=20), st.none() | NAMES), max_size=3).map(
        lambda x: form(*x)
    )
)
PARAMETERS = (
    st.just(CONTENT_TYPE)
    | st.text(st.characters(codec="latin-1"), max_size=30).map(lambda x: f"multipart/form-data; boundary={x}")
    | st.sampled_from(["undefined", "idna", "zip", "utf-16", "a\0"]).map(
        lambda x: f"{CONTENT_TYPE}; charset={x}"
    )
)


@pytest.fixture(scope="module")
def client() -> Client:
    os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Coldframe")  # read when the telemetry is imported
    from coldframe.service import create_app, create_handler

    store = made.memory_store()
    made.published(store, "v1.0.0")
    slot = ModelSlot(lambda: store, "sentiment").start()
    return Client(create_handler(create_app(slot, "a test"), slot))


@settings(max_examples=400)
@given(BODIES, PARAMETERS)
def test_any_form_is_answered(client: Client, body: bytes, content_type: str) -> None:
    answer = client.answer("POST", "/sentiment/batch", body, content_type)
    assert answer["statusCode"] in {200, 422}, answer
    if answer["statusCode"] == 422:
        (error,) = json.loads(answer["body"])["errors"]
        assert re.fullmatch(r"(/file|/column|/.{0,40})?", error["pointer"], re.DOTALL)
    else:
        assert answer["headers"]["content-disposition"].isascii()
        assert answer["headers"]["content-disposition"].isprintable()
