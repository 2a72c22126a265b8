"""Whatever the text, unmasking it gives words between single spaces."""

import html
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from coldframe.unmasking import unmask

PARTS = ["a", "b", "e", "hello", " ", ".", "-", "_", "@", "&", "#", "0", "1", "3", ";", "&#", "&#x", "&amp;"]
PARTS += [
    "\u200b",
    "\u0301",
    "е",
    "ｈ",
    "www.",
    "http://",
    "\x02",
    "\x03",
    "\x1f",
    "\u3000",
    "\ud800",
    "\x85",
]
TRICKY = st.lists(st.sampled_from(PARTS), max_size=40).map("".join)
ANY_TEXT = st.text(st.characters(), max_size=60) | TRICKY
WORDS = st.lists(st.from_regex(r"([b-df-z]){2,9}", fullmatch=True), max_size=8)


@given(ANY_TEXT)
def test_any_text_gives_words_between_single_spaces(text: str) -> None:
    found = unmask(text)
    assert found == " ".join(found.split())
    assert not {unicodedata.category(character) for character in found} & {"Cc", "Cf", "Mn", "Me", "Cs"}


@given(ANY_TEXT)
def test_case_and_white_space_around_change_nothing(text: str) -> None:
    assert unmask(f" \n{text}\t") == unmask(text)


@given(WORDS)
def test_plain_words_stay_but_for_letters_thrice_in_a_row(words: list[str]) -> None:
    text = " ".join(words)
    found = unmask(text)
    assert unmask(found) == found  # of other texts it need not hold: see the unit tests
    assert unmask(text.upper()) == found
    if all(len(set(text[place : place + 3])) > 1 for place in range(len(text))):
        assert text.startswith("www") or found == text


@given(WORDS, st.randoms(use_true_random=False))
def test_entities_and_invisible_characters_change_nothing(words: list[str], random: object) -> None:
    text = " ".join(words)
    entities = "".join(f"&#{ord(character)};" for character in text)
    assert html.unescape(entities) == text
    assert unmask(entities) == unmask("\u200d".join(text)) == unmask(text)
