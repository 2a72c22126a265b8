"""What hides a word, undone; and the time that it takes."""

import time
from collections.abc import Callable

import pytest

from coldframe.unmasking import unmask


@pytest.mark.parametrize(
    ("hidden", "meant"),
    [
        ("hello, moderation!", "hello, moderation!"),
        ("Hello\t there\n  FRIEND ", "hello there friend"),
        ("ｈｅｌｌｏ", "hello"),  # full width
        ("𝓱𝓮𝓵𝓵𝓸 𝕞𝕠𝕕𝕖𝕣𝕒𝕥𝕚𝕠𝕟", "hello moderation"),  # letters of mathematics
        ("ⓗⓔⓛⓛⓞ", "hello"),
        ("hеllо", "hello"),  # Cyrillic
        ("ΗΕLLΟ", "hello"),  # Greek capitals
        ("ʜᴇʟʟᴏ", "hello"),  # small capitals
        ("hellø", "hello"),
        ("h̶e̶l̶l̶o̶", "hello"),
        ("héllö", "hello"),
        ("h\u0345\u0301ello".replace("\u0345", "\u0316"), "hello"),
        ("hel\u200blo mode\u00adration", "hello moderation"),  # zero width, and a soft hyphen
        ("hel\u202elo\u2066", "hello"),
        ("hel\x00l\x7fo", "hello"),
        ("&#104;ello &#x68;ello", "hello hello"),
        ("h&zwj;e&shy;llo &lt;hello&gt;", "hello <hello>"),
        ("&#" + "0" * 5_000 + "104;ello", "hello"),
        ("h3ll0 m0d3r4t10n", "hello moderation"),
        ("he||o mod€ration".replace("€", "3"), "heiio moderation"),
        ("$3nd it @ll", "send it all"),
        ("h e l l o", "hello"),
        ("say h.e.l.l.o to", "say hello to"),
        ("h - e - l - l - o", "hello"),
        ("h_e_l_l_o", "hello"),
        ("he.llo mod*eration mod--era_tion", "hello moderation moderation"),
        ("helllllo moderationnnn", "hello moderationn"),
        ("see https://example.com/hello?x=1 or www.example.com now", "see or now"),
        ("@somebody_else hello", "@ hello"),
        ("", ""),
        (" \u3000\n", ""),
    ],
)
def test_each_disguise_is_undone(hidden: str, meant: str) -> None:
    assert unmask(hidden) == meant


@pytest.mark.parametrize(
    "text",
    [
        "in 2020 there were 15 of them",
        "3.14 + 2 = 5.14",
        "is it? yes! (well, no)",
        "a b and c",  # two letters that stand alone are no word
        "bookkeeper, committee",
        "50% of $ 100",
    ],
)
def test_what_hides_nothing_stays(text: str) -> None:
    assert unmask(text) == text


def test_a_number_that_is_no_character_is_one_that_is_unknown() -> None:
    for digits in ("1114112", "9" * 9, "9" * 5_000):
        assert unmask(f"&#{digits};") == "\ufffd"


def test_twice_may_undo_more_than_once() -> None:
    assert unmask("&amp;lt;") != unmask(unmask("&amp;lt;"))
    assert unmask("1 a 0") == "1a0"  # one token now, in which digits are letters
    assert unmask("1a0") == "iao"


HOSTILE: dict[str, Callable[[int], str]] = {
    "marks": lambda n: "a.b" * (n // 3),
    "marks alone": lambda n: "a" + "." * n,
    "marks between": lambda n: ("a" + "." * 99) * (n // 100),
    "spaces": lambda n: "a " * (n // 2),
    "spaced and not": lambda n: "a b cd " * (n // 7),
    "wide spaces": lambda n: "a   " * (n // 4),
    "ampersands": lambda n: "&" * n,
    "entities": lambda n: "&" + "a" * n,
    "references": lambda n: "&#1" * (n // 3),
    "long references": lambda n: "&#" + "9" * n,
    "zeros": lambda n: "&#" + "0" * n,
    "ats": lambda n: "@" * n,
    "mentions": lambda n: "@aaaaaaa " * (n // 9),
    "addresses": lambda n: "www." * (n // 4),
    "schemes": lambda n: "http:/" * (n // 6),
    "repeats": lambda n: "aab" * (n // 3),
    "combining": lambda n: "a" + "\u0301\u0316" * (n // 2),
    "underscores": lambda n: "_" * n,
    "ends": lambda n: "1" + "!" * n,
}


@pytest.mark.parametrize("pattern", HOSTILE)
def test_ten_times_the_text_takes_about_ten_times_as_long(pattern: str) -> None:
    made = HOSTILE[pattern]

    def seconds(text: str) -> float:
        """The least of several, of the processor's time: what else the machine does counts little."""
        taken = []
        for _ in range(5):
            begin = time.process_time()
            unmask(text)
            taken.append(time.process_time() - begin)
        return min(taken)

    short, long = seconds(made(10_000)), seconds(made(100_000))
    assert long < 40 * max(short, 1e-4)  # the square would be 100
