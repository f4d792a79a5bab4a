"""Text as judges and rewards read it: normalised words, spelled-out contractions, dates, numbers."""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from asru_bench.marks import find_words, seen, unaccented, unmark, unpointed

_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "“": '"', "”": '"', "\xa0": " "})
_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "Þ": "Th", "ß": "ss", "ẞ": "SS",
     "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)  # fmt: skip
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_DIGIT = re.compile(r"\d")

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
    return _CONTRACTED.sub(_in_full, straight(unmark(text)))


def _in_full(match: re.Match[str]) -> str:
    if match["whole"]:
        return _SPELLED[match["whole"].lower()]
    return _ENDINGS[match["end"].lower()] if match["end"] else f"{match['is']} is"


# Dates.

MONTHS = "january february march april may june july august september october november december".split()
_MONTH = r"(?:" + "|".join(f"{m[:3]}(?:{m[3:]})?" if len(m) > 3 else m for m in MONTHS) + r"|sept)\b\.?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?!\d)"
_DATE = re.compile(
    r"(?<![\w.,/-])(?:"
    rf"(?P<y1>\d{{4}})-(?P<m1>\d{{1,2}})-(?P<d1>\d{{1,2}})(?!\d)"
    rf"|(?P<a>\d{{1,2}})(?P<sep>[./-])(?P<b>\d{{1,2}})(?P=sep)(?P<y2>\d{{4}})(?!\d)"
    rf"|(?P<d3>{_DAY})(?:st|nd|rd|th)?(?:\s+day)?(?:\s+of)?\s+(?P<m3>{_MONTH}),?(?:\s+(?P<y3>\d{{4}})(?!\d))?"
    rf"|(?P<m4>{_MONTH})\s+(?P<d4>{_DAY})(?:st|nd|rd|th)?,?(?:\s+(?P<y4>\d{{4}})(?!\d))?"
    rf"|(?P<m5>{_MONTH}),?\s+(?:of\s+)?(?P<y5>\d{{4}})(?!\d)"
    r"|(?P<y6>1[5-9]\d\d|20\d\d)(?![\d,.]*\d)"
    r")",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Date:
    """A date at [start, end) of a text; each reading is (year, month, day), 0 where it says nothing."""

    start: int
    end: int
    readings: tuple[tuple[int, int, int], ...]

    @property
    def full(self) -> bool:
        return all(self.readings[0])

    def fits(self, other: tuple[int, int, int]) -> bool:
        """Whether one reading contradicts nothing in `other`."""
        return any(all(not a or not b or a == b for a, b in zip(r, other, strict=True)) for r in self.readings)


def dates(text: str) -> list[Date]:
    """All dates, in the usual spellings; a day and month in figures are read both ways round."""
    if not _DIGIT.search(text):
        return []
    found = (Date(m.start(), m.end(), _readings(m)) for m in _DATE.finditer(text))
    return [date for date in found if date.readings]


def _readings(match: re.Match[str]) -> tuple[tuple[int, int, int], ...]:
    g = match.groupdict()
    if g["a"]:
        a, b, year = int(g["a"]), int(g["b"]), int(g["y2"])
        return tuple(dict.fromkeys((year, m, d) for d, m in ((a, b), (b, a)) if 1 <= m <= 12 and 1 <= d <= 31))
    year = int(next((g[k] for k in ("y1", "y3", "y4", "y5", "y6") if g[k]), 0))
    day = int(next((g[k] for k in ("d1", "d3", "d4") if g[k]), 0))
    month = int(g["m1"] or 0)
    for name in (g["m3"], g["m4"], g["m5"]):
        if name:
            month = next(i for i, m in enumerate(MONTHS, 1) if m.startswith(name[:3].lower()))
    return ((year, month, day),) if month <= 12 and day <= 31 else ()


# Numbers.

_FACTORS = {"k": 1e3, "thousand": 1e3, "million": 1e6, "billion": 1e9, "m": 100.0}
_FACTORS |= dict.fromkeys(("metre", "metres", "meter", "meters"), 100.0)
_NUMBER = re.compile(
    r"(?<![\w.])(?:"
    r"(?P<feet>\d)\s*(?:'|ft\b\.?|feet\b|foot\b)\s*(?P<inches>\d{1,2})\s*(?:\"|''|in\b|inch(?:es)?\b)?"
    r"|(?P<whole>\d{1,3}(?:[,.' ]\d{3})+|\d+)(?P<rest>[.,]\d{1,2})?(?!\d)"
    r"\s?(?P<factor>k|thousand|million|billion|m|met(?:re|er)s?)?(?![A-Za-z])"
    r"|\d+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Number:
    """A number at [start, end) of a text; lengths in centimetres."""

    start: int
    end: int
    value: float


def numbers(text: str) -> list[Number]:
    """All numbers in figures: separators of thousands, decimals, k and thousand, metres, feet and inches."""
    if not _DIGIT.search(text):
        return []
    return [Number(m.start(), m.end(), _amount(m)) for m in _NUMBER.finditer(text)]


def _amount(match: re.Match[str]) -> float:
    if match["feet"]:
        return round(int(match["feet"]) * 30.48 + int(match["inches"]) * 2.54, 1)
    if not match["whole"]:
        return float(re.sub(r"\D", "", match[0]))
    value = float(re.sub(r"\D", "", match["whole"]) + (match["rest"] or "").replace(",", "."))
    return round(value * _FACTORS.get((match["factor"] or "").lower(), 1.0), 6)


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
