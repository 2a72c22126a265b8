"""English as it is meant, whatever was done to hide it from a filter.

Undone are look-alike and full-width letters, combining marks, invisible characters, HTML entities, digits
and signs for letters (l33t), s p a c e d o u t and repeeeated ones, and marks inside a w.o.r.d. What is left
is in lower case, with one space between words.
"""

import html
import re
import unicodedata

from coldframe import limits

# Letters of other scripts that look like Latin ones: https://www.unicode.org/reports/tr39/#Confusable_Detection
# A capital is like the small one, unless it stands here itself.
_PAIRS = (
    "аa вb сc ԁd еe ɡg һh іi јj кk ӏl мm нh оo пn рp ԛq гr ѕs тt цu ѵv ԝw хx уy ҽe зz "
    "αa βb γy δd εe ηn ιi κk νv οo ρp τt υu χx ωw ςs σs ϲc Ηh Μm Νn Υy Ζz "
    "ɑa ɐa ƅb ƈc ɖd ɛe ɠg ıi ɩi ʝj ʟl ɱm ŋn ɵo ƍg ɼr ʂs ƚt ʋv ɯw ʏy ᴀa ʙb ᴄc ᴅd ᴇe ɢg ʜh ᴊj ᴋk "
    "ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ᴢz "
    "øo łl đd ħh ŧt þp æa œo "
    "աw ոn սu ցg հh օo գg եt"
)
_LOOK_ALIKES = {pair[0]: pair[1] for pair in _PAIRS.split()}
_LEET = str.maketrans("0134578@$!|+", "oieastbasiit")
_DROPPED = frozenset(
    {"Mn", "Me", "Cf", "Cc", "Cs", "Co", "Cn"}
)  # marks, what is invisible, what is no character
# Eight digits are no character's number any more, and thousands Python refuses to read.
_REFERENCE = re.compile("&#0*([0-9]{1,8})[0-9]*")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+")
_MENTION = re.compile(r"(?<!\w)@\w{8,}")  # of an account; shorter ones may be a word with @ for its first a
_AFTER_WORD = "!?.,:;\"')"
_SPACED_OUT = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,3}[^\W_]){2,}(?![^\W_])")
_BETWEEN_LETTERS = re.compile(r"(?<=[^\W\d_])(?:[^\w\s]|_)+(?=[^\W\d_])")
_LETTER = re.compile(r"[^\W\d_]")
_NO_LETTERS = re.compile(r"[\W_]+")
_REPEATED = re.compile(r"(.)\1{2,}")


class _Letters(dict[int, str]):
    """For `str.translate`: what a character stands for, decomposed (NFKD) and without marks.

    By character, because to normalise a text is to sort its marks, which takes the square of their number.
    Filled as characters come up, but for those that are dropped: of them there are a million.
    """

    def __missing__(self, code: int) -> str:
        letters = "".join(map(_letter, unicodedata.normalize("NFKD", chr(code))))[: limits.EXPANSION_MAX]
        if letters:
            self[code] = letters
        return letters


_LETTERS = _Letters()


def unmask(text: str) -> str:
    """Undo what hides words; any Unicode string will do. The time is proportional to the length."""
    text = html.unescape(_REFERENCE.sub(r"&#\1", text))
    if not (text.isascii() and text.isprintable()):
        text = text.translate(_LETTERS)
    text = _MENTION.sub("@", _ADDRESS.sub(" ", text.casefold()))
    text = " ".join([token if token.isalpha() else _letters_for_signs(token) for token in text.split()])
    text = _SPACED_OUT.sub(lambda found: _NO_LETTERS.sub("", found[0]), text)
    text = _BETWEEN_LETTERS.sub("", text)
    return _REPEATED.sub(r"\1\1", text)


def _letter(character: str) -> str:
    if unicodedata.category(character) in _DROPPED and not character.isspace():
        return ""
    return _LOOK_ALIKES.get(character) or _LOOK_ALIKES.get(character.lower(), character)


def _letters_for_signs(token: str) -> str:
    """In a token with a letter, read digits and signs as letters; at its end a mark is a mark."""
    core = token.rstrip(_AFTER_WORD)
    return core.translate(_LEET) + token[len(core) :] if _LETTER.search(core) else token
