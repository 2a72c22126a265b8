"""Every byte is accounted for in every encoding, wherever a block ends and whatever is damaged."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldframe.batch.encoding import Encoding, is_damaged, shown

NAMES = ["utf-8", "utf-16-le", "utf-16-be", "cp932"]
JAPANESE = "番号,本文\r\n1,とても良い商品でした\r\n2,最悪の商品でした\r\n3,普通\r\n"
ENGLISH = "id,text\n1,very good\n2,not so good\n"
EUROPEAN = "id,text\n1,très bon café\n2,schöne Grüße\n3,señor, ¿qué?\n"


def test_every_two_bytes_of_cp932_have_their_size_and_keep_ascii_apart() -> None:
    cp932 = Encoding("cp932")
    for pair in itertools.product(range(256), repeat=2):
        data = bytes(pair)
        text, pending, damaged = cp932.decode(data, at_end=True)
        assert (cp932.size(text), pending) == (2, 0)
        assert damaged == is_damaged(text)
        if (
            data[1] < 0x30
        ):  # line ends, delimiters, quotation marks: damage before them does not take them along
            assert text[-1] == chr(data[1])


def test_every_byte_of_cp932_has_its_size() -> None:
    cp932 = Encoding("cp932")
    assert all(cp932.size(cp932.decode(bytes([byte]), at_end=True).text) == 1 for byte in range(256))


@given(st.sampled_from(NAMES), st.binary(max_size=60), st.integers(0, 60), st.booleans())
def test_bytes_are_counted_wherever_they_are_cut(name: str, data: bytes, cut: int, at_end: bool) -> None:
    encoding = Encoding(name)
    text, pending, damaged = encoding.decode(data, at_end)
    assert encoding.size(text) + pending == len(data)
    assert pending <= (0 if at_end else 3)
    assert damaged >= is_damaged(text)
    first = encoding.decode(data[:cut], at_end=False)
    rest = encoding.decode(data[len(data[:cut]) - first.pending :], at_end)
    assert first.text + rest.text == text


@given(st.sampled_from(NAMES), st.text(st.characters(codec="utf-8")))
def test_what_is_whole_is_not_damaged(name: str, text: str) -> None:
    data = text.encode(name, "ignore")
    decoded = Encoding(name).decode(data, at_end=True)
    assert decoded == (data.decode(name), 0, False)
    assert shown(decoded.text) == decoded.text


def test_damage_is_shown_as_hex() -> None:
    assert shown(Encoding("utf-8").decode(b"a\xe3\x81,\xff", at_end=True).text) == r"a\xe3\x81,\xff"
    assert shown(Encoding("utf-16-le").decode(b"a\0\x0a\xdc", at_end=True).text) == r"a\x0a\xdc"


@pytest.mark.parametrize("damage", [b"\xff", "だ".encode()[:2], b"\x80", b"\x82\xa0"])
@pytest.mark.parametrize("text", [JAPANESE, EUROPEAN])
def test_a_damaged_row_does_not_make_another_encoding_of_the_file(text: str, damage: bytes) -> None:
    assert Encoding.detect(text.encode() + b"4," + damage + b"\n", at_end=True) == Encoding("utf-8")


@pytest.mark.parametrize("damage", [b"\xff", b"\x82", b"\xe3\x81\x82", b"\x80", b""])
def test_cp932_is_told_from_utf_8(damage: bytes) -> None:
    assert Encoding.detect(JAPANESE.encode("cp932") + b"4," + damage + b"\n", at_end=True) == Encoding(
        "cp932"
    )


@pytest.mark.parametrize("text", ["ﾃｽﾄ,ﾃﾞｰﾀ\nｱｲｳ,ｶﾅ\n", "文\n値\n", "text\n表\n"])
def test_short_cp932_is_told_from_utf_8(text: str) -> None:
    assert Encoding.detect(text.encode("cp932"), at_end=True) == Encoding("cp932")


def test_ascii_is_utf_8() -> None:
    assert Encoding.detect(ENGLISH.encode(), at_end=True) == Encoding("utf-8")


@given(st.integers(0, 200))
def test_a_sample_that_ends_within_a_character_is_not_damaged(cut: int) -> None:
    for name in ("utf-8", "cp932"):
        data = (JAPANESE * 3).encode(name)[: 10 + cut]
        assert Encoding.detect(data, at_end=False) == Encoding(name)


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_known_by_its_mark_or_by_an_ascii_header(name: str) -> None:
    assert Encoding.detect(("\ufeff" + JAPANESE).encode(name), at_end=True) == Encoding(name, 2)
    assert Encoding.detect(EUROPEAN.encode(name), at_end=True) == Encoding(name)


def test_the_mark_of_utf_8_is_no_part_of_the_header() -> None:
    assert Encoding.detect(("\ufeff" + JAPANESE).encode(), at_end=True) == Encoding("utf-8", 3)
