from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from coldframe.triage.expressions import Expressions, words_of

WORDS = st.sampled_from(["a", "b", "c", "d"])
MEANINGS = st.dictionaries(
    st.lists(WORDS, min_size=1, max_size=3).map(" ".join), st.none(), min_size=1, max_size=8
).map(lambda found: {expression: expression for expression in found})


def found(meanings: dict[str, str], text: str) -> list[str]:
    return list(Expressions(meanings).find(words_of(text)))


def test_words_are_compared_without_case_and_with_either_apostrophe() -> None:
    assert words_of("Can’t PRINT: the Wi-Fi (room 4.2), Straße!") == [
        "can't",
        "print",
        "the",
        "wi-fi",
        "room",
        "4.2",
        "strasse",
    ]


def test_a_longer_expression_hides_the_shorter_ones_in_it() -> None:
    meanings = {"urgent": "urgent", "very urgent": "very urgent", "not very urgent": "no rush"}
    assert found(meanings, "It is VERY urgent, really urgent") == ["very urgent", "urgent"]
    assert found(meanings, "not very urgent") == ["no rush"]
    assert found(meanings, "not very, urgent?") == ["no rush"]
    assert found(meanings, "urgently") == []


def test_nothing_to_find_finds_nothing() -> None:
    assert found({}, "a b c") == []
    assert found({"...": "no word"}, "a ... b") == []


def test_a_word_that_begins_no_expression_costs_one_look() -> None:
    class Words(list[str]):
        cut = 0

        def __getitem__(self, place: Any) -> Any:
            self.cut += isinstance(place, slice)
            return super().__getitem__(place)

    words = Words(words_of("b " * 5_000))
    assert not list(Expressions({"a " * 49 + "b": 1, "a c": 2}).find(words))
    assert words.cut == 0


@given(MEANINGS, st.lists(WORDS, max_size=12))
def test_the_longest_comes_first_and_no_word_is_used_twice(
    meanings: dict[str, str], words: list[str]
) -> None:
    said = found(meanings, " ".join(words))
    place = 0
    for expression in said:
        fitting = [m for m in meanings if words[place : place + len(m.split())] == m.split()]
        while not fitting:  # a word that begins no expression
            place += 1
            fitting = [m for m in meanings if words[place : place + len(m.split())] == m.split()]
        assert expression == max(fitting, key=lambda one: len(one.split()))
        place += len(expression.split())
    assert place <= len(words)
    assert not [word for word in words[place:] if word in meanings]
