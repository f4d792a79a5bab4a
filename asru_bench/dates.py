"""Dates in the spellings that answers use: figures in any order, month names of 30 languages, words, decades.

`babel` gives the month names. dateparser and python-dateutil were measured and left out: both fill in what a text does
not say ("March 1987" gets today's day), and dateparser takes up to 25 milliseconds for a string that is no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from asru_bench.spoken import figured

MONTHS = "january february march april may june july august september october november december".split()
_MONTH = r"(?:" + "|".join(f"{m[:3]}(?:{m[3:]})?" if len(m) > 3 else m for m in MONTHS) + r"|sept)\b\.?"
_STREET = r"(?!\s+(?:st|street|road|rd|avenue|ave|lane|square|drive|way)\b)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?!\d)"
#: Of two figures after an apostrophe or a separator, from 40 on also at the end of a phrase: "12 Mar 87".
_YEAR = r"(?:\d{{4}}|'\d\d|(?<=[-/.])\d\d|[4-9]\d(?=\s*(?:[.,;:!?)\]\"]|$)))(?!\d|[./-]\d)"
#: A month's name that figures touch: 12MAR1987.
_GLUED = r"(?:" + "|".join(f"{m[:3]}(?:{m[3:]})?" if len(m) > 3 else m for m in MONTHS) + r"|sept)"
_PART = r"(?:early|mid|late)[\s-]+"
_TENS = "twenties thirties forties fifties sixties seventies eighties nineties".split()
_DECADES = {word: 10 * k for k, word in enumerate(_TENS, 2)}
_UNITS = r"(?:people|persons|men|women|euros?|dollars?|pounds|€|\$|£|cm|kg|km|lbs?|m|met(?:re|er)s|miles|feet|steps)"
_DATE = re.compile(
    r"(?<![\w/-])(?<!\d[.,])(?:"
    r"(?P<y1>\d{4})(?P<s1>[-./])(?P<m1>\d{1,2})(?P=s1)(?P<d1>\d{1,2})(?!\d|[./-]\d)"
    rf"|(?P<a>\d{{1,2}})(?P<s2>\s?[./·|]\s?|-\s?|\s)(?P<b>\d{{1,2}})(?P=s2)(?P<y2>\d{{4}}|'?\d\d)(?!\d|[./-]\d)"
    rf"|(?P<y3>\d{{4}}),?[\s./-](?P<m3>{_MONTH})[\s./-](?P<d3>{_DAY})"
    rf"|(?P<d7>\d{{1,2}})(?P<m8>{_GLUED})(?P<y9>\d{{4}}|\d\d)(?!\w)|(?P<m10>{_GLUED})(?P<y10>\d{{4}})(?!\w)"
    rf"|(?P<y11>\d{{4}})(?P<m11>{_GLUED})(?P<d11>\d{{1,2}})(?!\w)|'(?P<y12>\d\d)(?![\w'])"
    rf"|(?P<d4>{_DAY})(?:st|nd|rd|th)?(?:\s+day)?(?:\s+of)?[\s./-]*(?P<m4>{_MONTH}){_STREET}"
    rf"(?:(?:,?\s+(?:of\s+)?|[-/.,])(?P<y4>{_YEAR.format()}))?"
    rf"|(?P<m5>{_MONTH})[\s./-]*(?:the\s+)?(?P<d5>{_DAY})(?:st|nd|rd|th)?"
    rf"(?:(?:,?\s+(?:of\s+)?|[-/.,])(?P<y5>{_YEAR.format()}))?"
    rf"|(?:{_PART})?(?P<m6>{_MONTH})(?:,?\s+(?:of\s+)?|[-/.])(?P<y6>{_YEAR.format()})"
    r"|(?P<m7>0?[1-9]|1[0-2])/(?P<y7>1[5-9]\d\d|20\d\d)(?!\d|[./-]\d)"
    r"|(?P<compact>\d{8})(?![\d,.]*\d)"
    rf"|(?P<part>{_PART})?(?:the\s+)?(?:(?P<tens>(?:1[5-9]|20)\d0)|'?(?P<two>[2-9]0))'?s(?!\w)"
    rf"|(?P<part2>{_PART})?(?:the\s+)?(?:(?P<century>19|20)[\s-])?(?P<decade>{'|'.join(_DECADES)})(?!\w)"
    r"|(?:(?:between|from)\s+)?(?P<low>1[5-9]\d\d|20\d\d)(?:\s+(?:and|to)\s+|\s?[-–]\s?)"
    r"(?P<high>1[5-9]\d\d|20\d\d)(?![\d-])"
    rf"|(?:{_PART})?(?P<y8>1[5-9]\d\d|20\d\d)(?![\d,.]*\d)(?!\s*{_UNITS}(?!\w))"
    rf"|(?:(?:in|of|during|every|each|{_PART})\s*)(?P<m9>{_MONTH})(?!\s*\d){_STREET}"
    r")",
    re.IGNORECASE,
)
_YEARS = tuple(f"y{k}" for k in (1, *range(3, 13)))
_EAST_ASIAN = re.compile(
    r"(?<!\d)(?P<y>\d{4})\s?(?:年|년|\u1102\u1167\u11ab)(?:\s?(?P<m>\d{1,2})\s?(?:月|월|\u110b\u116f\u11af)"
    r"(?:\s?(?P<d>\d{1,2})\s?(?:日|号|일|\u110b\u1175\u11af)?)?)?"
)
_WORD = r"[^\s\d,.;:!?()\"]{3,}"
_FOREIGN = re.compile(
    rf"(?<![\w.,/-])(?:(?P<d1>{_DAY})(?:\.|º|o|er|e)?\s?(?:de\s|d'|den\s)?\s?(?P<w1>{_WORD})\.?,?\s(?:de\s|del\s)?(?P<y1>\d{{4}})"
    rf"|(?P<y2>\d{{4}})\.?\s(?:gada\s|m\.\s?)?(?:(?P<d2>{_DAY})\.?\s(?P<w2>{_WORD})|(?P<w3>{_WORD})\s(?P<d3>{_DAY})))"
    r"(?!\d)"
)
_LANGUAGES = "de fr es it pt nl ca ro pl cs sk sl hr sr uk ru bg lv lt et fi sv da nb is hu tr el he ar id".split()
#: What every date holds: figures, a decade, or a month's name.
_FIGURE = re.compile(rf"\d|(?<=t)ies\b|\b{_MONTH}", re.IGNORECASE)
#: What stands before figures that number a thing: "room 1987", "version 12.3.87".
LABEL = re.compile(
    r"(?:\b(?:rooms?|flat|apartment|apt|suite|house|building|pages?|chapter|section|version|v|release|isbn|issn|no|nr|"
    r"bus|route|platform|gate|model|serial|figure|table|item|code|order|ticket|flight|channel|locker|slide|frame|verse|"
    r"track|episode|exit|highway|motorway|seat|row|bed|box|issue|volume|vol|iso|psalm|lot)\.?"
    r"(?:\s(?:number|no\.?|is))?[\s:#-]*|#\s?)$",
    re.IGNORECASE,
)
_AGE = re.compile(r"\b(?:his|her|their|my|your|our|whose)\s+$", re.IGNORECASE)

Day = tuple[int, int, int]


@dataclass(frozen=True)
class Date:
    """A date at [start, end) of a text; each reading is (year, month, day), 0 where it says nothing.

    `span`: the first and last year of a decade or of a range of years, which has no readings.
    """

    start: int
    end: int
    readings: tuple[Day, ...]
    span: tuple[int, int] | None = None

    @property
    def full(self) -> bool:
        return bool(self.readings) and all(self.readings[0])

    @property
    def rough(self) -> bool:
        """Whether it says less than a year or a day and month: a decade, a month alone."""
        return self.span is not None or all(not year and not day for year, _, day in self.readings)

    def fits(self, other: Day) -> bool:
        """Whether one reading contradicts nothing in `other`."""
        if self.span is not None:
            return self.span[0] <= other[0] <= self.span[1]
        return any(all(not a or not b or a == b for a, b in zip(r, other, strict=True)) for r in self.readings)


def dates(text: str) -> list[Date]:
    """All dates, in the usual spellings; a day and month in figures are read both ways round."""
    read = figured(text, ordinals=True)
    if not _FIGURE.search(read.text):
        return []
    taken: list[Date] = sorted((*_elsewhere(read.text), *_english(read.text)), key=lambda d: (d.start, -d.end))
    kept: list[Date] = []
    for date in taken:
        if not kept or date.start >= kept[-1].end:
            kept.append(date)
    return [Date(*read.back(d.start, d.end), d.readings, d.span) for d in kept]


_SHORT = tuple(month[:3] for month in MONTHS)


def _english(text: str) -> Iterator[Date]:
    for match in _DATE.finditer(text):
        if match["m9"]:
            if match["m9"][0].isupper():
                yield Date(match.start("m9"), match.end("m9"), ((0, _month(match["m9"]), 0),))
        elif span := _span(match):
            if not _AGE.search(text, 0, match.start()):
                yield Date(match.start(), match.end(), (), span)
        elif (readings := _readings(match)) and not (
            (match["y8"] or match["compact"] or match["a"])
            and LABEL.search(text[max(0, match.start() - 24) : match.start()])
        ):
            yield Date(match.start(), match.end(), readings)


def _span(match: re.Match[str]) -> tuple[int, int] | None:
    """The years of a decade, of its early, middle or late part, or of "between 1985 and 1990"."""
    if match["low"]:
        first, last = int(match["low"]), int(match["high"])
        return (first, last) if first <= last <= first + 20 else None
    if match["tens"]:
        first = int(match["tens"])
    elif match["two"] or match["decade"]:
        first = 100 * int(match["century"] or 19) + int(match["two"] or _DECADES[match["decade"].lower()])
    else:
        return None
    part = (match["part"] or match["part2"] or "").lower()[:1]
    low, high = {"e": (0, 4), "m": (3, 7), "l": (5, 9)}.get(part, (0, 9))
    return first + low, first + high


def _readings(match: re.Match[str]) -> tuple[Day, ...]:
    g = match.groupdict()
    if g["compact"]:
        c = g["compact"]
        orders = ((c[:4], c[4:6], c[6:]), (c[4:], c[2:4], c[:2]), (c[4:], c[:2], c[2:4]))
        found = [(int(y), int(m), int(d)) for y, m, d in orders if 1850 < int(y) < 2050]
    elif g["a"]:
        a, b, year = int(g["a"]), int(g["b"]), g["y2"]
        if g["s2"].isspace() and len(year) < 4:
            return ()
        if a > 31 and len(year) == 2:
            found = [(y, b, int(year)) for y in _years(g["a"])]
        else:
            found = [(y, m, d) for y in _years(year) for d, m in ((a, b), (b, a))]
    else:
        day = int(next((g[k] for k in ("d1", "d3", "d4", "d5", "d7", "d11") if g[k]), 0))
        name = next((g[k] for k in ("m3", "m4", "m5", "m6", "m8", "m10", "m11") if g[k]), "")
        month = _month(name) if name else int(g["m1"] or g["m7"] or 0)
        year = next((g[k] for k in _YEARS if g[k]), "0")
        return tuple((y, month, day) for y in _years(year) if month <= 12 and day <= 31)
    return tuple(dict.fromkeys(day for day in found if 1 <= day[1] <= 12 and 1 <= day[2] <= 31))


def _years(year: str) -> tuple[int, ...]:
    """A year of two figures is one of the last or of this century."""
    number = int(year.lstrip("'"))
    if len(year.lstrip("'")) != 2:
        return (number,)
    return (1900 + number, 2000 + number) if number < 40 else (1900 + number,)


def _month(name: str) -> int:
    return next(i for i, m in enumerate(MONTHS, 1) if m.startswith(name[:3].lower()))


def _elsewhere(text: str) -> Iterator[Date]:
    """Dates as other languages write them."""
    if text.isascii() and not _FOREIGN.search(text):
        return
    for match in _EAST_ASIAN.finditer(text):
        year, month, day = (int(match[k] or 0) for k in "ymd")
        if month <= 12 and day <= 31:
            yield Date(match.start(), match.end(), ((year, month, day),))
    for match in _FOREIGN.finditer(text):
        name = next(filter(None, (match["w1"], match["w2"], match["w3"])))
        day = int(next(filter(None, (match["d1"], match["d2"], match["d3"]))))
        months = () if _plain(name)[:3] in _SHORT and name.isascii() and _english_month(name) else _named(_plain(name))
        if months:
            yield Date(match.start(), match.end(), tuple((int(match["y1"] or match["y2"]), m, day) for m in months))


def _english_month(name: str) -> bool:
    return re.fullmatch(_MONTH, name, re.IGNORECASE) is not None


def _plain(name: str) -> str:
    from asru_bench.text import fold

    return fold(name).lower().rstrip(".")


@lru_cache(maxsize=256)
def _named(name: str) -> tuple[int, ...]:
    """The months that languages other than English call so: in Croatian October is what November is in Polish."""
    return _names().get(name, ())


@lru_cache(maxsize=1)
def _names() -> dict[str, tuple[int, ...]]:
    from babel.dates import get_month_names

    found: dict[str, dict[int, None]] = {}
    for language in _LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in get_month_names(width, context, language).items():
                    if len(name) > 2 and not name[0].isdigit():
                        found.setdefault(_plain(name), {})[month] = None
    return {name: tuple(months) for name, months in found.items()}
