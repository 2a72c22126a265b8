"""Letters left out: which, how often, and the same again."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from models.forge.misspell import WORDS_SHARE, misspell


def test_one_inner_letter_of_some_words_is_left_out() -> None:
    words = ["moderation"] * 2_000
    found = misspell(" ".join(words), Random(1)).split(" ")
    changed = [word for word in found if word != "moderation"]
    assert abs(len(changed) / 2_000 - WORDS_SHARE) < 0.05
    inner = {"moderation"[:place] + "moderation"[place + 1 :] for place in range(1, 9)}
    assert set(changed) == inner


def test_short_words_and_what_is_no_word_stay() -> None:
    text = "so I go: 12345 @_@ !!!"
    assert all(misspell(text, Random(seed)) == text for seed in range(50))


@given(st.text(), st.integers())
def test_any_text_and_a_seed_give_one_misspelling(text: str, seed: int) -> None:
    found = misspell(text, Random(seed))
    assert found == misspell(text, Random(seed))
    assert 0 <= len(text) - len(found) <= len(text) // 3  # one a word, at most
