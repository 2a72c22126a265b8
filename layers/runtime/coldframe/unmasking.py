"""English as it is meant, whatever was done to hide it from a filter.

Undone are look-alike and full-width letters, combining marks, invisible characters, HTML entities, digits
and signs for letters (l33t), s p a c e d o u t and repeeeated ones, and marks inside a w.o.r.d. What is left
is in lower case, with one space between words.
"""

import html
import re
import unicodedata

# Letters of other scripts that look like Latin ones: https://www.unicode.org/reports/tr39/#Confusable_Detection
_PAIRS = (
    "аa вb сc ԁd еe ɡg һh іi јj кk ӏl мm нh оo пn рp ԛq гr ѕs тt цu ѵv ԝw хx уy ҽe зz "
    "αa βb γy δd εe ηn ιi κk νv οo ρp τt υu χx ωw ςs σs ϲc "
    "ɑa ɐa ƅb ƈc ɖd ɛe ɠg ıi ɩi ʝj ʟl ɱm ŋn ɵo ƍg ɼr ʂs ƚt ʋv ɯw ʏy ᴀa ʙb ᴄc ᴅd ᴇe ɢg ʜh ᴊj ᴋk "
    "ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ᴢz "
    "øo łl đd ħh ŧt ßs þp æa œo "
    "աw ոn սu ցg հh օo գg եt"
)
_LOOK_ALIKES = {pair[0]: pair[1] for pair in _PAIRS.split()}
_LEET = str.maketrans("0134578@$!|+", "oieastbasiit")
_DROPPED = frozenset(
    {"Mn", "Me", "Cf", "Cc", "Cs", "Co", "Cn"}
)  # marks, what is invisible, what is no character
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+")
_MENTION = re.compile(r"(?<!\w)@\w{8,}")  # of an account; shorter ones may be a word with @ for its first a
_AFTER_WORD = "!?.,:;\"')"
_SPACED_OUT = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,3}[^\W_]){2,}(?![^\W_])")
_BETWEEN_LETTERS = re.compile(r"(?<=[^\W\d_])(?:[^\w\s]|_)+(?=[^\W\d_])")
_LETTER = re.compile(r"[^\W\d_]")
_NO_LETTERS = re.compile(r"[\W_]+")
_REPEATED = re.compile(r"(.)\1{2,}")


class _Letters(dict[int, str | None]):
    """For `str.translate`: what a character stands for; None drops it. Filled as characters come up."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        dropped = unicodedata.category(character) in _DROPPED and not character.isspace()
        self[code] = None if dropped else _LOOK_ALIKES.get(character, character)
        return self[code]


_LETTERS = _Letters()


def unmask(text: str) -> str:
    """Undo what hides words; any Unicode string will do. The time is proportional to the length."""
    text = html.unescape(text)
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    text = _MENTION.sub("@", _ADDRESS.sub(" ", text.casefold()))
    text = " ".join([token if token.isalpha() else _letters_for_signs(token) for token in text.split()])
    text = _SPACED_OUT.sub(lambda found: _NO_LETTERS.sub("", found[0]), text)
    text = _BETWEEN_LETTERS.sub("", text)
    return _REPEATED.sub(r"\1\1", text)


def _letters_for_signs(token: str) -> str:
    """In a token with a letter, read digits and signs as letters; at its end a mark is a mark."""
    core = token.rstrip(_AFTER_WORD)
    return core.translate(_LEET) + token[len(core) :] if _LETTER.search(core) else token
