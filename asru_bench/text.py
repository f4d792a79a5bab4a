"""Text as judges and rewards read it: normalised words, spelled-out contractions; for figures see `figures.py`."""

from __future__ import annotations

import re
import string
import unicodedata
from functools import lru_cache

from asru_bench.amounts import Number as Number
from asru_bench.amounts import numbers as numbers
from asru_bench.dates import Date as Date
from asru_bench.dates import dates as dates
from asru_bench.marks import find_words, seen, unaccented, unmark, unpointed

_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "“": '"', "”": '"', "\xa0": " "})
_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "Þ": "Th", "ß": "ss", "ẞ": "SS",
     "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)  # fmt: skip
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)

_BARE = "do does did is was are were has have had could would should"
_SPELLED = {
    "can't": "can not", "cannot": "can not", "cant": "can not", "won't": "will not", "wont": "will not",
    "shan't": "shall not", "ain't": "is not", "im": "I am", "ive": "I have",
    **{f"{verb}nt": f"{verb} not" for verb in _BARE.split()},
}  # fmt: skip
_ENDINGS = {"n't": " not", "'m": " am", "'re": " are", "'ve": " have", "'ll": " will", "'d": " would"}
_CONTRACTED = re.compile(
    r"\b(?P<whole>" + "|".join(_SPELLED) + r")\b(?!')"
    r"|(?P<end>n't|'(?:m|re|ve|ll|d))\b"
    r"|\b(?P<is>it|that|there|here|what|who|where|when|how|he|she|this|name)'s\b",
    re.IGNORECASE,
)

#: What every contraction holds; looking for it is cheaper than the pattern.
_SHORTENED = re.compile(r"'|nt\b|cannot|\bim\b|\bive\b", re.IGNORECASE)


def straight(text: str) -> str:
    """Typographic apostrophes and quotation marks as ASCII, composed letters, plain spaces, nothing invisible."""
    if text.isascii():
        return text.replace("`", "'")
    return unicodedata.normalize("NFKC", seen(text.translate(_QUOTES)))


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """Lower case, no marks of Markdown, punctuation to spaces, single spaces."""
    plain = straight(unmark(text)).lower()
    return " ".join(find_words(plain if plain.isascii() else unpointed(plain).replace("i\u0307", "i")))


def plain_words(text: str) -> list[str]:
    """PPU-Bench's words: lower case, ASCII punctuation deleted (D'Angelo is dangelo), other letters kept."""
    return text.lower().translate(_NO_PUNCTUATION).split()


def fold(text: str) -> str:
    """`straight` without accents: é is e, ø is o, ß is ss."""
    if text.isascii():
        return text
    return unaccented(straight(text).translate(_LETTERS))


def contains(text: str, words: str) -> bool:
    """Whether the normalised `words` stand in the normalised text, in order, on word boundaries."""
    wanted = normalise(words)
    return bool(wanted) and f" {wanted} " in f" {normalise(text)} "


@lru_cache(maxsize=4096)
def spell_out(text: str) -> str:
    """Without marks of Markdown, contractions in full ("can't" is "can not"), also where the apostrophe is missing."""
    plain = straight(unmark(text))
    return _CONTRACTED.sub(_in_full, plain) if _SHORTENED.search(plain) else plain


def _in_full(match: re.Match[str]) -> str:
    if match["whole"]:
        return _SPELLED[match["whole"].lower()]
    return _ENDINGS[match["end"].lower()] if match["end"] else f"{match['is']} is"


# What a question is about.

EMPTY_WORDS = frozenset(
    """a about all also an and any are as at be been by called can could did do does for from give had has have he her
    hers him his how i if image in individual is it its kind know man many me much my name named not of on one or
    people person photo photograph picture please portrait portrayed say see seen shown state tell that the their them
    there these they this those to us was we were what when where which who whose why will with woman would you your
    answer sentence question depicted individual's s t""".split()
)


#: Parts of names that say little: "University of Oslo" is told by Oslo.
GENERIC_WORDS = frozenset(
    """university college school institute academy street avenue road company hospital museum award prize city town
    january february march april may june july august september october november december mr mrs ms dr""".split()
)


@lru_cache(maxsize=8192)
def topic(question: str) -> frozenset[str]:
    """The words of a question that say what it is about."""
    return frozenset(w for w in normalise(question).split() if w not in EMPTY_WORDS and len(w) > 2)


def same_stem(a: str, b: str) -> bool:
    """Equal but for an ending: live, lives, living."""
    if a == b:
        return True
    short = min(len(a), len(b))
    return short > 3 and a[: max(3, short - 3)] == b[: max(3, short - 3)] and abs(len(a) - len(b)) <= 4
