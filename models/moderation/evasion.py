"""Eight ways in which people hide words from a filter, for measuring what they cost it.

Six of them the unmasking of texts was built against. `masked` was chosen without a look at that code: a
letter inside the word, mostly its vowel, gives way to an asterisk, so that no table of characters brings it
back. It cost 6.7 points when it was first measured, and training on rows with letters left out was the answer
to that. So there had to be another that nothing was built against: `respelled`, a word written as it sounds,
was written down when all else was done, and measured then.
"""

import re
from collections.abc import Callable, Mapping
from math import ceil
from random import Random

SHARE = 0.3  # of the words
# Letters alone, three or more: no mention, no address, no HTML entity, nothing with a digit in it.
WORD = re.compile(r"(?<![\w@&/])[^\W\d_]{3,}(?![\w/]|://)")
# A Latin letter, then Cyrillic, Greek and Armenian ones drawn like it: https://www.unicode.org/reports/tr39/.
LOOK_ALIKES = (
    "aаα cсϲ dԁ eе gց hһհ iіι jјϳ kкκ lӏ mм nոп oоοօ pрρ qԛզ rг sѕ tтτ uսυ vνѵ wԝω xхχ yуү"
    " AАΑ BВΒ CСϹ EЕΕ HНΗ IІΙ JЈͿ KКΚ MМΜ NΝ OОΟՕ PРΡ SЅՏ TТΤ UՍ XХΧ YҮΥ ZΖ"
)
LEET = "a4@ b8 e3 g9 i1! l1| o0 s5$ t7+ z2"  # a letter, then what stands for it
ZERO_WIDTHS = "\u200b\u200c\u200d\u2060\ufeff\u00ad"  # a soft hyphen shows only where a line ends
SEPARATORS = " .-_"
MARKS = "".join(map(chr, range(0x0300, 0x0370)))  # the block Combining Diacritical Marks
MARKS_MAX_COUNT = 3  # on one letter
REPEATS_MAX_COUNT = 4  # of one letter, beside itself
REPEATED_MAX_COUNT = 2  # letters of a word
# Letters, then how they may be written instead.
SOUNDS = {"ck": "k", "c": "k", "ph": "f", "f": "ph", "s": "z", "x": "ks", "ee": "ea", "oo": "u", "er": "a"}
VOWELS = "aeiouAEIOU"
MASK = "*"

_SOUND = re.compile("|".join(sorted(SOUNDS, key=len, reverse=True)), re.IGNORECASE)
Transform = Callable[[str, Random], str]


def disguise(text: str, transform: str, random: Random) -> str:
    """Change SHARE of the words of a text, rounded up, by the transform of this name.

    A word is one of three letters or more. Where a transform leaves a word as it is (l33t has no sign for
    every letter), another word is changed instead, if there is one. Raises KeyError for an unknown name.
    """
    words = list(WORD.finditer(text))
    change, wanted = TRANSFORMS[transform], ceil(SHARE * len(words))
    changed: dict[int, str] = {}
    for word in random.sample(words, len(words)):
        if len(changed) == wanted:
            break
        disguised = change(word[0], random)
        if disguised != word[0]:
            changed[word.start()] = disguised
    return WORD.sub(lambda word: changed.get(word.start(), word[0]), text)


def look_alike(word: str, random: Random) -> str:
    """Letters of other scripts in place of some."""
    return _replace(word, _signs(LOOK_ALIKES), random)


def zero_width(word: str, random: Random) -> str:
    """Characters without width between some of the letters."""
    gaps = _some(range(len(word) - 1), random)
    return _append(word, {gap: random.choice(ZERO_WIDTHS) for gap in gaps})


def leet(word: str, random: Random) -> str:
    """Digits and signs in place of some letters."""
    return _replace(word, _signs(LEET) | _signs(LEET.upper()), random)


def spaced(word: str, random: Random) -> str:
    """A blank, or a sign in its place, between all letters."""
    return random.choice(SEPARATORS).join(word)


def repeated(word: str, random: Random) -> str:
    """A letter or two drawn out."""
    places = random.sample(range(len(word)), random.randint(1, REPEATED_MAX_COUNT))
    return _append(word, {place: word[place] * random.randint(1, REPEATS_MAX_COUNT) for place in places})


def combining(word: str, random: Random) -> str:
    """Marks above and below some letters."""
    places = _some(range(len(word)), random)
    return _append(
        word,
        {place: "".join(random.choices(MARKS, k=random.randint(1, MARKS_MAX_COUNT))) for place in places},
    )


def masked(word: str, random: Random) -> str:
    """An asterisk in place of one letter inside: a vowel where there is one."""
    inside = range(1, len(word) - 1)
    place = random.choice([place for place in inside if word[place] in VOWELS] or inside)
    return word[:place] + MASK + word[place + 1 :]


def respelled(word: str, random: Random) -> str:
    """As it sounds: one or two of the letters, or pairs of letters, that have another spelling."""
    found = [match.span() for match in _SOUND.finditer(word)]
    for start, end in sorted(random.sample(found, min(len(found), 2)), reverse=True):
        word = word[:start] + SOUNDS[word[start:end].lower()] + word[end:]
    return word


TRANSFORMS: Mapping[str, Transform] = {
    "look-alike": look_alike,
    "zero-width": zero_width,
    "l33t": leet,
    "spaced": spaced,
    "repeated": repeated,
    "combining": combining,
    "masked": masked,
    "respelled": respelled,
}


def _some(places: range | list[int], random: Random) -> list[int]:
    """One of the places, or more, or all."""
    return random.sample(places, random.randint(1, len(places))) if places else []


def _signs(groups: str) -> dict[str, str]:
    return {group[0]: group[1:] for group in groups.split()}


def _replace(word: str, signs: Mapping[str, str], random: Random) -> str:
    places = _some([place for place, letter in enumerate(word) if letter in signs], random)
    letters = list(word)
    for place in places:
        letters[place] = random.choice(signs[letters[place]])
    return "".join(letters)


def _append(word: str, added: Mapping[int, str]) -> str:
    return "".join(letter + added.get(place, "") for place, letter in enumerate(word))
