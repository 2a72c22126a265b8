"""Numbers are written exactly, and the texts that are refused are those that the API refuses."""

import csv
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from coldframe import limits
from coldframe.batch.encoding import is_damaged
from coldframe.batch.rows import fault
from coldframe.batch.writing import harmless, result_text
from coldframe.inputs import TextRequest
from tests.tables import score

SHARES = st.floats(0.0, 1.0, allow_subnormal=True) | st.sampled_from(
    [0.0, 1.0, 5e-324, 1e-300, 1e-5, 0.1, 1 / 3]
)


@given(st.lists(st.lists(SHARES, min_size=3, max_size=3), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_a_score_is_read_back_to_the_bit(rows: list[list[float]], delimiter: str) -> None:
    answers = [(("positive",), tuple(row)) for row in rows]
    text = result_text([["a"]] * len(rows), ["a"] * len(rows), answers, delimiter)
    for line, row in zip(csv.reader(text.splitlines(), delimiter=delimiter, strict=True), rows, strict=True):
        assert line[:2] == ["a", "positive"]
        assert struct.pack("3d", *map(float, line[2:])) == struct.pack("3d", *row)


@given(
    st.text(max_size=20)
    | st.integers(990, 1_010).map(lambda count: "あ" * count)
    | st.text(" \t\r\n\u3000\x85\x1c\0")
)
@example("😀" * limits.TEXT_MAX_CHARS)
@example("\u200b")
def test_a_text_is_refused_where_the_api_refuses_it(text: str) -> None:
    assert (fault(text, limits.TEXT_MAX_CHARS) is None) == api_takes(text)


@pytest.mark.parametrize("half", [0xD800, 0xDBFF, 0xDC00, 0xDFFF])
def test_half_of_a_pair_is_refused_here_as_undecodable(half: int) -> None:
    assert not api_takes(f"a{chr(half)}")
    data = (
        "\ufeffid,text\n1,a".encode("utf-16-le") + half.to_bytes(2, "little") + "\n2,b\n".encode("utf-16-le")
    )
    scored = score(data)
    assert scored.texts == ["b"]
    assert scored.reasons == {2: "bytes that are not in the file's encoding"}


def test_bytes_that_stand_for_half_of_a_pair_are_undecodable_in_utf_8() -> None:
    scored = score("id,text\n1,とても良い\n2,".encode() + b"\xed\xa0\x80\n")
    assert scored.texts == ["とても良い"]
    assert scored.reasons == {3: "bytes that are not in the file's encoding"}


@given(st.text(st.sampled_from("=+-@\t\r\n＝＋－＠ab1.,%e'"), max_size=8))
def test_what_is_harmless_stays_as_it_is(cell: str) -> None:
    once = harmless(cell)
    assert once in (cell, f"'{cell}")
    assert harmless(once) == once
    assert not is_damaged(once)


def api_takes(text: str) -> bool:
    try:
        TextRequest(text=text)
    except ValidationError:
        return False
    return True
